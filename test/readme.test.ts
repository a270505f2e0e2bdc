import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { entry, packageRoot } from '../harness/entry.ts'
import type { RunRecord } from '../harness/record.ts'

const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8')

/** What stands between the markers `<!-- name:begin -->` and `<!-- name:end -->`, without its fence. */
function block(name: string): string {
  const [, text] =
    readme.match(new RegExp(`<!-- ${name}:begin -->\\n\`\`\`\\w*\\n([\\s\\S]*?)\`\`\`\\n<!-- ${name}:end -->`)) ?? []
  if (text === undefined) throw new Error(`README.md has no fenced block between the markers of '${name}'`)
  return text
}

/** The server that the example leaves to its reader. `work` is what it does between reading the count and writing it. */
const serverWith = (increment: string) => `
import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'

export async function startLikes(host, port) {
  let likes = 0
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') { ${increment} }
    response.setHeader('connection', 'close').end(String(likes))
  })
  await new Promise((resolve) => server.listen(port, host, resolve))
  return { url: 'http://' + host + ':' + server.address().port, stop: () => new Promise((resolve) => server.close(resolve)) }
}
`

describe('the example in the README', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'raceproof-readme-'))
    mkdirSync(join(folder, 'scenarios'))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(packageRoot, join(folder, 'node_modules', 'raceproof'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'scenarios', 'every-like-counts.ts'), block('example'))
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  async function run(increment: string): Promise<{ exitCode: number | undefined; record: RunRecord }> {
    writeFileSync(join(folder, 'server.js'), serverWith(increment))
    const args = [entry('harness/cli'), 'run', 'every-like-counts', '--seed', '1', '--json']
    const { exitCode, stdout } = await execa(process.execPath, args, { cwd: folder, reject: false })
    return { exitCode, record: JSON.parse(stdout) as RunRecord }
  }

  it('finds the likes that a server loses which reads, waits and writes, in both worlds', async () => {
    const { exitCode, record } = await run('const before = likes; await setTimeout(5); likes = before + 1')
    expect(record.runs.map(({ world }) => world)).toEqual(['sim', 'live'])
    for (const { findings } of record.runs) expect(findings).toMatchObject([{ check: 'linearizable' }])
    expect(exitCode).toBe(1)
  })

  it('is silent on a server that counts them all', async () => {
    const { exitCode, record } = await run('await setTimeout(5); likes += 1')
    expect(record).toMatchObject({ verdict: 'valid', runs: [{ findings: [] }, { findings: [] }] })
    expect(exitCode).toBe(0)
  })
})

/** However busy the machine is: a reader's own has 5 s for a test, which a loaded one may exceed. */
const patiently = ['run', '--no-color', '--testTimeout=60000']

/** A box office that looks whether a seat is free, and marks it sold after `pause`. */
const boxOfficeWith = (pause: string) => `
import { createServer } from 'node:http'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'

export async function startBoxOffice() {
  const sold = new Set()
  const server = createServer(async (request, response) => {
    const isFree = !sold.has(request.url)
    ${pause}
    sold.add(request.url)
    response.writeHead(isFree ? 201 : 409).end()
  }).listen(8080)
  await once(server, 'listening')
}
`

describe('the test in the README that explores', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'raceproof-readme-'))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(packageRoot, join(folder, 'node_modules', 'raceproof'))
    for (const name of ['vitest', 'fast-check']) {
      symlinkSync(join(packageRoot, 'node_modules', name), join(folder, 'node_modules', name))
    }
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'vitest.config.js'), "export default { test: { setupFiles: ['raceproof/register'] } }")
    writeFileSync(join(folder, 'seats.test.ts'), block('explore'))
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  function runTests(pause: string) {
    writeFileSync(join(folder, 'box-office.js'), boxOfficeWith(pause))
    const vitest = join(packageRoot, 'node_modules', 'vitest', 'vitest.mjs')
    return execa(process.execPath, [vitest, ...patiently], { cwd: folder, reject: false, all: true })
  }

  it('tells how a seat is sold twice, for the smallest data', async () => {
    const { exitCode, all } = await runTests('await setTimeout(1)')
    expect(all).toMatch(/Counterexample: \[\["(A[12])","\1"\]\]/)
    expect(all).toMatch(/seed {4}\d+/)
    expect(all).toMatch(/replay {2}explore\(fn, \{ replay: '/)
    expect(exitCode).toBe(1)
  })

  it('passes for a box office that looks and marks in one turn', async () => {
    const { exitCode, all } = await runTests('')
    expect({ exitCode, all }).toMatchObject({ exitCode: 0 })
  })
})

/** A worker that reads how many tickets were drawn, and draws the next; `draw` is how. */
const ticketWorkerWith = (draw: string) => `
export function draw(tickets) {
  ${draw}
}
`

describe('the test in the README that explores threads', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'raceproof-readme-'))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(packageRoot, join(folder, 'node_modules', 'raceproof'))
    symlinkSync(join(packageRoot, 'node_modules', 'vitest'), join(folder, 'node_modules', 'vitest'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'tickets.test.ts'), block('threads'))
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  function runTests(draw: string) {
    writeFileSync(join(folder, 'ticket-worker.js'), ticketWorkerWith(draw))
    const vitest = join(packageRoot, 'node_modules', 'vitest', 'vitest.mjs')
    return execa(process.execPath, [vitest, ...patiently], { cwd: folder, reject: false, all: true })
  }

  it('tells how a ticket is given twice', async () => {
    const { exitCode, all } = await runTests(
      'const drawn = Atomics.load(tickets, 0); Atomics.store(tickets, 0, drawn + 1); return drawn',
    )
    expect(all).toContain('thread 1')
    expect(all).toMatch(/ticket-worker\.js:\d+/)
    expect(all).toMatch(/replay/)
    expect(exitCode).toBe(1)
  })

  it('proves that an atomic addition gives none twice', async () => {
    const { exitCode, all } = await runTests('return Atomics.add(tickets, 0, 1)')
    expect({ exitCode, all }).toMatchObject({ exitCode: 0 })
  })
})

describe('the README', () => {
  it('names only scenarios that there are', () => {
    const scenarios = readdirSync(join(packageRoot, 'scenarios')).map((file) => file.replace(/\.ts$/, ''))
    const named = [...readme.matchAll(/raceproof run ([a-z-]+)/g)].map(([, name]) => name)
    expect(named.length).toBeGreaterThan(0)
    expect(scenarios).toEqual(expect.arrayContaining(named.filter((name) => name !== 'every-like-counts')))
  })

  it('links only to files that there are', () => {
    const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, path]) => path as string)
    expect(links.length).toBeGreaterThan(0)
    for (const path of links) expect(() => readdirSync(join(packageRoot, path, '..'))).not.toThrow()
    for (const path of links.filter((link) => !link.endsWith('/')))
      expect(readFileSync(join(packageRoot, path)).length).toBeGreaterThan(0)
  })

  it('shows the flags and exit codes that the command line has', async () => {
    const commands = ['run', 'prove', 'replay', 'check', 'list', 'report']
    const helps = commands.map((command) => execa(process.execPath, [entry('harness/cli'), command, '--help']))
    const stdout = (await Promise.all(helps)).map((help) => help.stdout).join('\n')
    // What the failure shows are other programs' flags.
    const shown = [...readme.replace(block('failure'), '').matchAll(/(?<= )(--[a-z]+)/g)].map(
      ([, flag]) => flag as string,
    )
    expect(shown.length).toBeGreaterThan(0)
    for (const flag of shown) expect(stdout).toContain(flag)
  })
})
