import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entry, packageRoot } from '../../../harness/entry.ts'
import { lookAtFailure } from '../../../harness/explore/failure-task.ts'
import type { Repro } from '../../../harness/explore/repro/repro.ts'
import type { RunRecord } from '../../../harness/record.ts'
import { type Ended, raceproof } from './raceproof.ts'

/** Whoever adds reads the sum, writes a journal, and writes the sum back: no harm, unless the journal is late. */
const counter = ({
  journal = `await appendFile('/tmp/journal', 'line')`,
  restore = 'this.sum = before + 1',
  whoAdds = 'true',
} = {}) => `
import { once } from 'node:events'
import { appendFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { check, defineTarget, judged, calls, scenario } from 'raceproof'

class Counter {
  sum = 0
  async add() {
    const before = this.sum
    ${journal}
    ${restore}
    return this.sum
  }
}

const target = defineTarget({
  name: 'counter',
  about: 'A counter behind HTTP.',
  module: import.meta.url,
  parts: { Counter },
  config: {},
  async start({ parts, host, port }) {
    const counter = new parts.Counter()
    const server = createServer(async (request, response) => response.end(String(await counter.add())))
    await once(server.listen(port, host), 'listening')
    return {
      url: 'http://' + host + ':' + server.address().port,
      async stop() {
        server.closeAllConnections()
        await new Promise((closed) => server.close(closed))
      },
    }
  },
  client: (context) => ({
    add: () => context.call('add', null, async () => Number(await (await fetch(context.url)).text())),
  }),
  defects: [],
})

const noneLost = {
  name: 'none-lost',
  judge(history) {
    const sums = calls(history).map(({ outcome }) => outcome.output)
    const twice = sums.find((sum, place) => sums.indexOf(sum) < place)
    const message = \`two calls were both told \${twice}\`
    return judged(twice === undefined ? [] : [{ check: 'none-lost', message, clients: ['c0', 'c1'], evidence: [] }])
  },
}

export default scenario('late-journal', {
  target,
  source: 'a textbook',
  promise: 'Every call raises the counter.',
  async script({ crowd }) {
    await crowd.all(async (each, index) => {
      await delay(1 + 12 * index)
      if (${whoAdds}) await each.add()
    })
  },
  checks: [noneLost],
  scale: { sim: { clients: 2, schedules: 300 } },
})
`

let folder: string
let repro: string
let saved: Repro
let record: RunRecord

const writeScenario = (text: string) => writeFile(join(folder, 'scenarios', 'late-journal.js'), text)
const replay = (...args: string[]): Promise<Ended> => raceproof(['replay', ...args], folder)

async function replayJson(path = repro): Promise<{ exitCode: number | undefined; told: Record<string, unknown> }> {
  const { exitCode, stdout } = await replay(path, '--json')
  return { exitCode, told: JSON.parse(stdout) as Record<string, unknown> }
}

/** All events of the saved schedule, in their order. */
async function orderOf({ clients, seed, holds }: Repro): Promise<string[]> {
  const scenario = pathToFileURL(join(folder, 'scenarios', 'late-journal.js')).href
  const module = pathToFileURL(entry('harness/run/sim/load-subject')).href
  const spec = { module, input: { module: scenario, defect: null, clients } }
  const seen = await lookAtFailure({ spec, variant: { seed, clients }, by: { holds } })
  return [...(seen?.played ?? [])]
}

async function changedRepro(name: string, change: Partial<Repro>): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, JSON.stringify({ ...saved, ...change }))
  return path
}

beforeAll(async () => {
  // Below the package, so that the scenario's import of it resolves.
  await mkdir(join(packageRoot, '.cache'), { recursive: true })
  folder = await mkdtemp(join(packageRoot, '.cache', 'replay-'))
  await mkdir(join(folder, 'scenarios'))
  await writeScenario(counter())
  const { stdout } = await raceproof(['run', 'late-journal', '--seed', '1', '--out', 'found', '--json'], folder)
  record = JSON.parse(stdout) as RunRecord
  repro = join('found', record.runs[0]!.findings[0]!.repro!)
  saved = JSON.parse(await readFile(join(folder, repro), 'utf8')) as Repro
})
afterAll(() => rm(folder, { recursive: true }))

describe('a failure that raceproof run has saved', () => {
  it('is named in its findings and in the command to replay it', () => {
    const [run] = record.runs
    expect(run!.findings[0]).toMatchObject({ check: 'none-lost', seed: saved.seed, holds: saved.holds.length })
    expect(run!.failing).toMatchObject({ holds: saved.holds, actors: expect.arrayContaining(['c0', 'c1']) })
    expect(run!.failing!.rows.map(({ part }) => part)).toEqual(
      expect.arrayContaining(['due', 'held', 'awaited', 'failure']),
    )
    expect(run!.replay).toBe(`raceproof replay ${repro}`)
    expect(repro).toBe(join('found', `repro-late-journal-${saved.seed}.json`))
  })

  it('is small, and says what it is about', () => {
    expect(saved).toMatchObject({ scenario: 'late-journal', file: 'scenarios/late-journal.js', target: 'counter' })
    expect(saved.holds.length).toBeGreaterThan(0)
    expect(saved.holds.length).toBeLessThanOrEqual(2)
  })
})

describe('raceproof replay', () => {
  it('shows the same failure and the same schedule, and exits 1', async () => {
    await writeScenario(counter())
    const { exitCode, stdout } = await replay(repro)
    expect(exitCode).toBe(1)
    expect(stdout).toContain('The same failure, and the same schedule to the byte.')
    expect(stdout).toContain(saved.finding.message)
    expect(stdout).toContain('held until here')
    expect((await replayJson()).told).toEqual({
      verdict: 'invalid',
      same: true,
      findings: [expect.objectContaining(saved.finding)],
      divergedAt: null,
      changed: [],
    })
  })

  it('takes a scenario with other comments for the same', async () => {
    await writeScenario(`// What it is about.\n${counter()}`)
    expect((await replayJson()).told).toMatchObject({ same: true, changed: [] })
  })

  it('shows a failure that is still there in changed code, and says where the schedule went another way and why', async () => {
    await writeScenario(counter({ journal: `await delay(0); await appendFile('/tmp/journal', 'line')` }))
    const { exitCode, stdout } = await replay(repro)
    expect(exitCode).toBe(1)
    expect(stdout).toContain('The same failure, but not the same schedule.')
    expect(stdout).toMatch(/It diverged at step \d+, which is '.+' now\./)
    expect(stdout).toContain('Probably because the code of the scenario or of its target has changed.')
  })

  it('says in another folder than that of the run where to go', async () => {
    const { exitCode, stderr } = await raceproof(['replay', join(folder, repro)], packageRoot)
    expect(exitCode).toBe(3)
    expect(stderr).toMatch(/ERR_UNKNOWN_NAME: .*scenarios\/late-journal\.js, and there is no .*Replay it in the folder/)
  })

  it('exits 0 when the bug is gone and the order that failed is played without harm', async () => {
    await writeScenario(counter({ restore: 'this.sum++' }))
    const { exitCode, told } = await replayJson()
    expect(told).toMatchObject({ verdict: 'valid', same: false, findings: [] })
    expect(exitCode).toBe(0)
  })

  it('exits 2 when nothing fails and the events that were held back do not come any more', async () => {
    await writeScenario(counter({ whoAdds: 'index === 1' }))
    const { exitCode, stdout } = await replay(repro)
    expect(exitCode).toBe(2)
    expect(stdout).toContain('the order that failed cannot be played any more')
    expect(stdout).toMatch(/It diverged at step \d+/)
  })

  it('says what has changed also when the schedule is the same', async () => {
    await writeScenario(counter({ whoAdds: 'index < 99' }))
    const path = await changedRepro('other-node.json', { versions: { ...saved.versions, node: 'v18.0.0' } })
    const { exitCode, stdout } = await replay(path)
    expect(exitCode).toBe(1)
    expect(stdout).toContain('The same failure, and the same schedule to the byte.')
    expect(stdout).toContain(
      'The schedule is the same, although the code of the scenario or of its target has changed.',
    )
    expect(stdout).toMatch(/The schedule is the same, although this is Node\.js .+, and it was saved by v18\.0\.0\./)
  })

  it('tries all the same what another version has saved, and does not blame it for nothing', async () => {
    await writeScenario(counter())
    const path = await changedRepro('older.json', { versions: { raceproof: '0.0.1', node: 'v18.0.0' } })
    const { exitCode, told } = await replayJson(path)
    expect(exitCode).toBe(1)
    expect(told).toMatchObject({ same: true })
    expect(told.changed).toEqual([
      expect.stringContaining('it was saved by 0.0.1'),
      expect.stringContaining('it was saved by v18.0.0'),
    ])
  })

  it('says that the world itself must have decided when nothing else has changed and the schedule has', async () => {
    await writeScenario(counter())
    const path = await changedRepro('other.json', { traceHash: '00'.repeat(32) })
    const { exitCode, stdout } = await replay(path)
    expect(exitCode).toBe(1)
    expect(stdout).toContain('The same failure, but not the same schedule.')
    expect(stdout).toContain('The steps are the same, but not the bytes that were on the wire.')
    expect(stdout).toContain('reads something that a seed does not decide')
  })

  it('follows all events of a failure that no holds bring back, and says when it cannot', async () => {
    await writeScenario(counter())
    const { told } = await replayJson()
    expect(told).toMatchObject({ same: true })
    const order = await orderOf(saved)
    const path = await changedRepro('in-order.json', { holds: [], order })
    const { exitCode, stdout } = await replay(path)
    expect(exitCode).toBe(1)
    expect(stdout).toContain('The same failure, and the same schedule to the byte.')
    expect(stdout).toContain('fails, in the order in which it was found')
    await writeScenario(counter({ whoAdds: 'index === 1' }))
    expect((await replay(path)).exitCode).toBe(2)
  })

  it.each<[string, () => Promise<string>, RegExp]>([
    ['a file that is not there', async () => 'nowhere.json', /ERR_RECORD_INVALID: .*nowhere\.json cannot be read/],
    ['no JSON', async () => written('text.json', 'Time 3:'), /ERR_RECORD_INVALID: .*text\.json is not JSON/],
    [
      'a file that was cut off',
      async () => written('cut.json', JSON.stringify(saved).slice(0, 300)),
      /ERR_RECORD_INVALID: .*cut\.json is not JSON .*cut off/,
    ],
    [
      'another version',
      () => changedRepro('version.json', { version: 3 as never }),
      /ERR_RECORD_INVALID: .*has the version 3, and this raceproof reads version 1/,
    ],
    [
      'a scenario that nobody has',
      () => changedRepro('unknown.json', { file: null, scenario: 'nobody-has-it' }),
      /ERR_UNKNOWN_NAME: there is no scenario 'nobody-has-it'/,
    ],
    [
      'a defect that the target does not have',
      () => changedRepro('defect.json', { defect: 'nobody-has-it' }),
      /ERR_UNKNOWN_NAME: target 'counter' has no defect named 'nobody-has-it'/,
    ],
  ])('exits 3 when it is given %s, and says what is wrong', async (_, path, message) => {
    await writeScenario(counter())
    const { exitCode, stdout, stderr } = await replay(await path())
    expect(exitCode).toBe(3)
    expect(stdout).toBe('')
    expect(stderr).toMatch(message)
  })

  async function written(name: string, text: string): Promise<string> {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }
})
