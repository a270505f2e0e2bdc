import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../../harness/entry.ts'
import { readHistory } from '../../../harness/history/journal.ts'
import type { RunRecord } from '../../../harness/record.ts'
import { fixtures, raceproof, start } from './raceproof.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raceproof-cli-'))
})
afterAll(() => rm(folder, { recursive: true }))

const recordIn = async (runDir: string): Promise<RunRecord> =>
  JSON.parse(await readFile(join(runDir, 'run.json'), 'utf8'))
const reports = ['index.html', 'junit.xml', 'report.txt', 'run.json', 'summary.md']

async function expectSchema(record: RunRecord): Promise<void> {
  const schema = JSON.parse(await readFile(join(packageRoot, 'harness', 'run.schema.json'), 'utf8'))
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema)
  validate(record)
  expect(validate.errors).toBeNull()
}

/** Resolves when the process has written the words to standard error; rejects when it ends without them. */
function said(stream: NodeJS.ReadableStream, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    stream.on('data', (chunk) => {
      text += chunk
      if (text.includes(words)) resolve()
    })
    stream.on('end', () => reject(new Error(`expected it to say '${words}', but it said: ${text}`)))
  })
}

/** The process of the target that a run started. */
async function targetOf(runDir: string): Promise<number> {
  const { history } = await readHistory(join(runDir, 'history.jsonl'))
  const spawned = history.find((event) => event.type === 'target' && event.event === 'spawned')
  return Number(/process (\d+)/.exec((spawned as { detail: string }).detail)![1])
}

async function gone(pid: number): Promise<void> {
  while (true) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('raceproof run', () => {
  it('exits 0 when the promise was kept, and leaves a record and its reports', async () => {
    const out = join(folder, 'valid')
    const { exitCode, stdout, stderr } = await raceproof(['run', 'tally', '--seed', '7', '--out', out])
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    expect(stdout).toMatch(/^VALID {2}the scenario kept its promise {2}seed 7/)
    expect(stdout).toContain(join(out, 'index.html'))
    expect(stderr).toContain('tally: round 1, storm')
    expect((await readdir(out)).sort()).toEqual(['history.jsonl', ...reports])
    const record = await recordIn(out)
    expect(record).toMatchObject({
      verdict: 'valid',
      seed: 7,
      notes: [],
      runs: [{ clients: 8, calls: 9, history: 'history.jsonl' }],
    })
    await expectSchema(record)
  })

  it('exits 1 when a defect broke the promise, and prints nothing but the record as JSON', async () => {
    const out = join(folder, 'invalid')
    const args = [
      'run',
      'scenarios/tally.ts',
      '--defect',
      'lost-update',
      '--seed',
      '3',
      '--clients',
      '5',
      '--json',
      '--out',
      out,
    ]
    const { exitCode, stdout } = await raceproof(args)
    expect(exitCode).toBe(1)
    const record = await recordIn(out)
    expect(JSON.parse(stdout)).toEqual(record)
    await expectSchema(record)
    const [run] = record.runs
    expect(run).toMatchObject({ verdict: 'invalid', defect: 'lost-update', clients: 5 })
    expect(run!.findings[0]).toMatchObject({ check: 'survival', seed: 3, repro: null })
    expect(run!.replay).toBe('raceproof run scenarios/tally.ts --world live --seed 3 --defect lost-update --clients 5')
    expect(await readFile(join(out, 'junit.xml'), 'utf8')).toContain('<failure')
  })

  it('writes into a new folder of its own when it is given none', async () => {
    const path = join(fixtures, 'scenarios', 'tally.ts')
    const { exitCode, stderr } = await raceproof(['run', path, '--seed', '11'], folder)
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    const [made] = await readdir(join(folder, 'reports', 'runs'))
    expect(made).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-11$/)
  })

  it('keeps the histories of several scenarios apart', async () => {
    const out = join(folder, 'several')
    const { exitCode } = await raceproof(['run', 'tally', 'dying-tally', '--out', out])
    expect(exitCode).toBe(3)
    const { runs } = await recordIn(out)
    expect(runs.map(({ history }) => history)).toEqual(['tally/history.jsonl', 'dying-tally/history.jsonl'])
    expect((await readHistory(join(out, 'tally/history.jsonl'))).history.length).toBeGreaterThan(0)
  })

  it('runs against a server that somebody else started, by its URL', async () => {
    let sum = 0
    const server = createServer(({ method, url = '/' }, response) => {
      if (method === 'POST') sum += Number(url.split('/').at(-1))
      response.end(String(sum))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const out = join(folder, 'url')
    const { exitCode, stderr } = await raceproof(['run', 'tally', '--target', url, '--out', out])
    await new Promise((resolve) => server.close(resolve))
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    expect((await recordIn(out)).runs[0]!.replay).toContain(`--target ${url}`)
    expect(sum).toBe(36)
  })

  it('starts a target by its command, with the port to listen on', async () => {
    const out = join(folder, 'command')
    const { exitCode, stderr } = await raceproof(['run', 'tally', '--target', 'node tally-command.mjs', '--out', out])
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    expect((await recordIn(out)).runs[0]!.replay).toContain("--target 'node tally-command.mjs'")
  })

  it('exits 3 when the command ends at once', async () => {
    const { exitCode, stderr } = await raceproof(['run', 'tally', '--target', 'exit 7', '--out', join(folder, 'exit')])
    expect(exitCode).toBe(3)
    expect(stderr).toMatch(/ERR_TARGET_START: .*code 7/)
  })

  it('runs a TypeScript scenario that lies outside of any package, and leaves nothing of it', async () => {
    const fixture = await readFile(join(fixtures, 'scenarios', 'tally.ts'), 'utf8')
    await writeFile(join(folder, 'alone.ts'), fixture.replace('../tally-server.ts', './tally-server.ts'))
    await copyFile(join(fixtures, 'tally-server.ts'), join(folder, 'tally-server.ts'))
    const bundles = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('raceproof-bundle-'))
    const before = await bundles()
    const { exitCode, stderr } = await raceproof(['run', './alone.ts', '--out', join(folder, 'alone')], folder)
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    expect(await bundles()).toEqual(before)
  })

  it('profiles the target with clinic doctor when asked to, and links the page', async () => {
    const out = join(folder, 'profiled')
    const { exitCode, stderr } = await raceproof(['run', 'tally', '--clinic', 'doctor', '--out', out])
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    const { runs, notes } = await recordIn(out)
    expect({ notes, profile: runs[0]!.profile }).toEqual({ notes: [], profile: 'clinic-doctor.html' })
    expect(await readFile(join(out, 'clinic-doctor.html'), 'utf8')).toContain('<html')
    expect(await readFile(join(out, 'index.html'), 'utf8')).toContain('<a href="clinic-doctor.html">')
    const { stdout } = await execa('ps', ['-eo', 'args'])
    expect(stdout.split('\n').filter((line) => /live\/serve/.test(line) && / tally /.test(line))).toEqual([])
  })

  it('makes a note of a profile that cannot be made, and nothing else', async () => {
    const out = join(folder, 'unprofiled')
    const args = ['run', 'tally', '--target', 'node tally-command.mjs', '--clinic', 'doctor', '--out', out]
    expect(await raceproof(args)).toMatchObject({ exitCode: 0 })
    expect((await recordIn(out)).notes).toEqual([expect.stringMatching(/^tally: No profile: /)])
  })

  it('exits 3 when the target does not start, and says why in one message and in the record', async () => {
    const out = join(folder, 'closed')
    const { exitCode, stdout, stderr } = await raceproof(['run', 'closed-tally', 'tally', '--json', '--out', out])
    expect(exitCode).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'ERR_TARGET_START', message: expect.stringContaining('the tally is closed today') },
    })
    expect(stderr.match(/ERR_TARGET_START/g)).toHaveLength(1)
    const record = await recordIn(out)
    expect(record.verdict).toBe('unknown')
    expect(record.notes).toEqual([expect.stringContaining('The run ended early: '), 'Not run: tally.'])
    await expectSchema(record)
    expect(await readdir(out)).toEqual(expect.arrayContaining(reports))
  })

  it('never calls a run valid of which a part could not be run', async () => {
    const out = join(folder, 'partly')
    await mkdir(out)
    // Where the second scenario's folder should be made lies a file.
    await writeFile(join(out, 'closed-tally'), '')
    const { exitCode, stderr } = await raceproof(['run', 'tally', 'closed-tally', '--out', out])
    expect(exitCode).toBe(3)
    expect(stderr).toContain('ERR_OUTPUT')
    expect(await recordIn(out)).toMatchObject({ verdict: 'unknown', runs: [{ scenario: 'tally', verdict: 'valid' }] })
  })

  it('exits 3 when the target is killed in mid-run, and keeps what was seen', async () => {
    const out = join(folder, 'dying')
    const { exitCode, stderr } = await raceproof(['run', 'dying-tally', '--out', out])
    expect(exitCode).toBe(3)
    expect(stderr).toContain('ERR_TARGET_EXITED')
    const record = await recordIn(out)
    expect(record).toMatchObject({ verdict: 'unknown', runs: [{ verdict: 'unknown', history: 'history.jsonl' }] })
    expect(record.runs[0]!.calls).toBeGreaterThan(0)
    await expectSchema(record)
  })

  it('stops in order at Ctrl-C: the record is whole, the verdict unknown, and the target gone', async () => {
    const out = join(folder, 'interrupted')
    const run = start(['run', 'patient-tally', 'tally', '--out', out])
    await said(run.stderr, 'round 1, storm')
    expect(await recordIn(out)).toMatchObject({ verdict: 'unknown', notes: [expect.stringContaining('has not ended')] })
    run.kill('SIGINT')
    const { exitCode, stdout } = await run
    expect(exitCode).toBe(2)
    expect(stdout).toMatch(/^UNKNOWN/)
    const record = await recordIn(out)
    expect(record).toMatchObject({ verdict: 'unknown', runs: [{ scenario: 'patient-tally', verdict: 'unknown' }] })
    expect(record.notes).toEqual([expect.stringContaining('was interrupted'), 'Not run: tally.'])
    await gone(await targetOf(join(out, 'patient-tally')))
  })

  it('ends at once at the second Ctrl-C, and the target with it', async () => {
    const out = join(folder, 'killed')
    const run = start(['run', 'stuck-tally', '--out', out])
    const stopping = said(run.stderr, 'Stopping: ')
    await said(run.stderr, 'round 1, storm')
    run.kill('SIGINT')
    await stopping
    run.kill('SIGINT')
    expect(await run).toMatchObject({ signal: 'SIGINT' })
    expect(await recordIn(out)).toMatchObject({ verdict: 'unknown', notes: [expect.stringContaining('has not ended')] })
    await gone(await targetOf(out))
  })
})

describe('raceproof report', () => {
  it('renders a run again, from its folder alone', async () => {
    const out = join(folder, 'again')
    const ran = await raceproof(['run', 'tally', '--out', out])
    await rm(join(out, 'index.html'))
    const rendered = await raceproof(['report', out], folder)
    // Where the reports lie is told from the folder that the command was called in.
    const reportOf = ({ stdout }: { stdout: string }) => stdout.split('\nReport ')[0]
    expect(rendered.exitCode).toBe(0)
    expect(reportOf(rendered)).toBe(reportOf(ran))
    expect(await readdir(out)).toContain('index.html')
    const { stdout } = await raceproof(['report', out, '--json'])
    expect(JSON.parse(stdout)).toEqual(await recordIn(out))
  })
})

describe('raceproof list', () => {
  it('lists everything that has a name, as text and as JSON', async () => {
    const { scenarios, targets, defects, checks } = JSON.parse((await raceproof(['list', '--json'])).stdout)
    expect(targets.map(({ name }: { name: string }) => name).sort()).toEqual(['mcp', 'pipeline', 'state'])
    expect(scenarios).toContainEqual(
      expect.objectContaining({ name: 'rapid-create-delete', target: 'pipeline', worlds: ['sim', 'live'] }),
    )
    expect(defects).toContainEqual(
      expect.objectContaining({ name: 'late-output-lost', target: 'pipeline', caughtBy: ['delivery'] }),
    )
    expect(checks).toContain('double-loads')
    const { stdout } = await raceproof(['list'])
    for (const { name } of [...scenarios, ...targets, ...defects]) expect(stdout).toContain(name)
  })
})
