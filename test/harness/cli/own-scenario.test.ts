import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../../harness/entry.ts'
import type { RunRecord } from '../../../harness/record.ts'
import { type Ended, raceproof } from './raceproof.ts'

let folder: string
beforeAll(async () => {
  // Below the package, so that the files' own imports resolve.
  await mkdir(join(packageRoot, '.cache'), { recursive: true })
  folder = await mkdtemp(join(packageRoot, '.cache', 'own-scenario-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** What a user writes for a server of one's own, but for its start and the script. */
function sourceOf({ start = rightStart, script }: { start?: string; script: string }): string {
  return `import { createServer } from 'node:http'
import { check, defineTarget, scenario } from 'raceproof'

const target = defineTarget({
  name: 'greeter',
  module: import.meta.url,
  start: ({ host, port }) => new Promise((resolve, reject) => {
    ${start}
  }),
  client: (context) => ({
    get: () => context.call('get', null, () => fetch(context.url).then((reply) => reply.text())),
  }),
})

export default scenario('own', {
  target,
  source: 'an issue',
  promise: 'Who asks is greeted.',
  async script({ client, crowd }) {
    ${script}
  },
  checks: [check.serverErrors(), check.progress()],
  scale: { sim: { clients: 2, schedules: 8 }, live: { clients: 2, seconds: 0.1 } },
})
`
}

const rightStart = `const server = createServer((_, response) => response.end('hello'))
    const stop = () => new Promise((done) => { server.close(done); server.closeAllConnections() })
    server.listen(port, host, () => resolve({ url: \`http://\${host}:\${server.address().port}\`, stop }))`

async function run(name: string, source: string, args: readonly string[], ending = '.mjs'): Promise<Ended> {
  const file = join(folder, `${name}${ending}`)
  await writeFile(file, source)
  return raceproof(['run', file, '--out', join(folder, name), ...args])
}

describe('a scenario of a user that goes wrong', () => {
  it('says in the simulated world which schedule proves nothing, and why', async () => {
    const source = sourceOf({ script: "await client.get()\n    throw new Error('expected 3 orders, got 4')" })
    const { exitCode, stdout } = await run('throws', source, ['--world', 'sim', '--json'])
    expect(exitCode).toBe(2)
    const { runs } = JSON.parse(stdout) as RunRecord
    expect(runs[0]!.notes).toEqual([
      'Schedule 1 is the first of 8 that prove nothing, in natural order.',
      'In it the script ended early: expected 3 orders, got 4',
      expect.stringContaining('What a script throws is no finding'),
    ])
  })

  const gets = 'await crowd.all((each) => each.get())'

  it.each<[string, string[], string, RegExp]>([
    [
      'crash',
      ['sim'],
      "setTimeout(() => { throw new Error('no database') })",
      /ERR_TARGET_START: target 'greeter' did not start[\s\S]*Error: no database\n +at .*crash-sim\.mjs:8:/,
    ],
    [
      'no-stop',
      ['sim', 'live'],
      "resolve({ url: 'http://127.0.0.1:8080' })",
      /ERR_TARGET_START: [\s\S]*expected start\(\) to resolve with \{ url, stop\(\) \}.*; got \{ url: 'http:/,
    ],
    [
      'url',
      ['sim'],
      "resolve('127.0.0.1:8080')",
      /ERR_TARGET_START: [\s\S]*expected start\(\) to resolve with .*; got '127\.0/,
    ],
  ])('says why the target does not start: %s', async (name, worlds, start, message) => {
    const source = sourceOf({ start, script: gets })
    for (const world of worlds) {
      const { exitCode, stderr } = await run(`${name}-${world}`, source, ['--world', world])
      expect(stderr).toMatch(message)
      expect(exitCode).toBe(3)
    }
  })

  it('names the line of its own TypeScript in which the server threw, in both worlds', async () => {
    const start = rightStart.replace('response.end(', "setTimeout(() => { throw new Error('no ' + response.end(")
    // Types, and a line of them above, so that neither lines nor columns are those of the bundle.
    const source = sourceOf({ start: start.replace("'hello'))", "'hello' as string)) }))"), script: gets })
    const typed = `interface Unused {\n  greeting: string\n}\n${source.replaceAll('context.url', 'context.url!')}`
    const place = (world: string) => new RegExp(`thrown-${world}\\.ts:11\\b`)

    const sim = await run('thrown-sim', typed, ['--world', 'sim', '--json'], '.ts')
    const { checks, findings } = (JSON.parse(sim.stdout) as RunRecord).runs[0]!
    const errors = findings.filter(({ check }) => check === 'server-errors').length
    expect(errors).toBeGreaterThan(0)
    expect(checks).toContainEqual({ check: 'server-errors', verdict: 'invalid', findings: errors, reason: null })
    const simulated = findings.map(({ message }) => message)
    expect(simulated.find((message) => message.includes('threw an error'))).toMatch(place('sim'))

    const live = await run('thrown-live', typed, ['--world', 'live', '--json'], '.ts')
    const told = (JSON.parse(live.stdout) as RunRecord).runs[0]!.findings.find(({ check }) => check === 'server-errors')
    expect(told?.message).toMatch(place('live'))
    expect(JSON.stringify([simulated, told])).not.toContain('.cache/raceproof')
  })
})
