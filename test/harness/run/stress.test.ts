import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Check } from '../../../harness/check/check.ts'
import { leftovers } from '../../../harness/check/leftovers.ts'
import { progress } from '../../../harness/check/progress.ts'
import { serverErrors } from '../../../harness/check/server-errors.ts'
import { halfOpen } from '../../../harness/fault/half-open.ts'
import { kill } from '../../../harness/fault/kill.ts'
import { latency } from '../../../harness/fault/latency.ts'
import { nemesis } from '../../../harness/fault/nemesis.ts'
import { reset } from '../../../harness/fault/reset.ts'
import { stall } from '../../../harness/fault/stall.ts'
import { calls } from '../../../harness/history/calls.ts'
import type { HistoryEvent } from '../../../harness/history/event.ts'
import { readHistory } from '../../../harness/history/journal.ts'
import { processesOf, runMark } from '../../../harness/live/processes.ts'
import type { ScenarioRun } from '../../../harness/record.ts'
import { StressCutOff, type StressOptions, stress } from '../../../harness/run/stress.ts'
import { type Scenario, type ScenarioDefinition, scenario } from '../../../harness/scenario.ts'
import * as targets from '../../fixtures/live/targets.mjs'

type EchoScenario = ScenarioDefinition<targets.EchoClient, { Echo: typeof targets.Echo }, object>

/** Every answer is what was sent. */
const echoes: Check = {
  name: 'echoes',
  judge(history) {
    const wrong = calls(history).filter(
      ({ f, input, outcome }) => f === 'echo' && outcome.type === 'ok' && outcome.output !== input,
    )
    const findings = wrong.map(({ client, input }) => ({
      check: 'echoes',
      message: `${client} sent ${input} and got another text`,
      clients: [client],
      evidence: [],
    }))
    return { verdict: findings.length > 0 ? 'invalid' : 'valid', findings }
  },
}

let folder: string
let temp: string | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raceproof-test-'))
  temp = process.env.TMPDIR
  process.env.TMPDIR = await mkdtemp(join(folder, 'temp-'))
})

afterEach(async () => {
  const files = await readdir(process.env.TMPDIR as string)
  if (temp === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = temp
  await rm(folder, { recursive: true, force: true })
  // Whatever a run came to, it leaves no file and no process.
  expect({ files, processes: childProcesses() }).toEqual({ files: [], processes: [] })
})

/** The processes that this one has started and that still live. */
function childProcesses(): string[] {
  return processesOf({ mark: 'nobody', root: process.pid })
    .filter(({ command, parent }) => parent === process.pid && command.includes('harness/live'))
    .map(({ command }) => command)
}

function echoScenario(definition: Partial<EchoScenario> = {}): Scenario {
  return scenario('echoes', {
    target: targets.echo,
    source: 'a fixture',
    promise: 'Everybody gets back what was sent.',
    checks: [echoes, leftovers(), progress(), serverErrors()],
    scale: { live: { clients: 8, seconds: 60 } },
    async script({ crowd, unique }) {
      await crowd.all((client) => client.echo(unique('text')))
    },
    ...definition,
  }) as Scenario
}

function run(definition: Partial<EchoScenario> = {}, options: Partial<StressOptions> = {}): Promise<ScenarioRun> {
  return stress(echoScenario(definition), {
    defect: null,
    seed: 1,
    clients: 8,
    seconds: 60,
    rounds: 1,
    runDir: join(folder, 'run'),
    launch: { kind: 'host' },
    signal: new AbortController().signal,
    progress() {},
    replayCommand: 'raceproof run echoes --seed 1',
    settleMs: 3000,
    restMs: 3000,
    ...options,
  })
}

/** What a run that is cut off throws. */
async function cutOff(running: Promise<ScenarioRun>): Promise<StressCutOff> {
  const thrown = await running.then(
    (result) => expect.fail(`expected the run to be cut off, but it is ${result.verdict}`),
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(StressCutOff)
  return thrown as StressCutOff
}

const saved = async () => (await readHistory(join(folder, 'run', 'history.jsonl'))).history
const messages = ({ findings }: ScenarioRun) => findings.map(({ check, message }) => `${check}: ${message}`)
const ofType = <T extends HistoryEvent['type']>(history: readonly HistoryEvent[], type: T) =>
  history.filter((event): event is Extract<HistoryEvent, { type: T }> => event.type === type)

describe('stress', () => {
  it('finds a correct target valid, after three rounds of all phases', async () => {
    const seen = new Set<string>()
    const result = await run({}, { rounds: 3, progress: ({ phase, round }) => seen.add(`${round} ${phase}`) })
    expect(messages(result)).toEqual([])
    expect(result).toMatchObject({ verdict: 'valid', rounds: 3, calls: 24, world: 'live', defect: null, notes: [] })
    expect(result).toMatchObject({ schedules: null, traceHash: null, doubleLoads: 0, leaks: [], contention: [] })
    expect(result.latencyMs.echo).toMatchObject({ count: 24 })
    const phases = ofType(await saved(), 'phase').map(({ phase, round }) => `${round} ${phase}`)
    const round = (n: number) => ['storm', 'heal', 'settle', 'audit'].map((phase) => `${n} ${phase}`)
    expect(phases).toEqual(['0 boot', ...round(1), ...round(2), ...round(3), '3 stop'])
    expect([...seen]).toEqual(phases)
  })

  it('writes a history from which the same follows', async () => {
    const result = await run({}, { rounds: 3 })
    const history = await saved()
    expect(history.map(({ timeMs }) => timeMs)).toEqual(history.map(({ timeMs }) => timeMs).sort((a, b) => a - b))
    expect(calls(history)).toHaveLength(result.calls)
    for (const check of [echoes, leftovers(), progress(), serverErrors()]) {
      expect(check.judge(history).verdict).toBe('valid')
    }
  })

  it('finds a defective part in the target, and stops after the round that shows it', async () => {
    const [shouting] = targets.echo.defects
    const result = await run({}, { rounds: 3, defect: shouting ?? null })
    expect(result).toMatchObject({ verdict: 'invalid', rounds: 1, defect: 'shouting' })
    expect(result.findings[0]).toMatchObject({ check: 'echoes', seed: 1, repro: null, holds: null })
  })

  it('ends the storm as soon as a check that watches is sure, whatever the script still waits for', async () => {
    const seen: string[] = []
    const watching: Check = {
      ...echoes,
      watch: () => ({ see: (event) => event.type === 'ok' && event.f === 'echo' && seen.push(event.f) > 3 }),
    }
    await run(
      {
        checks: [watching, progress()],
        async script({ client, crowd, unique, sleep }) {
          await crowd.all((each) => each.echo(unique('text')))
          await sleep(20_000)
          await client.echo('late')
        },
      },
      { settleMs: 100, restMs: 100 },
    )
    // Had the storm gone on, the script would have come to its last call.
    expect(ofType(await saved(), 'invoke').map(({ input }) => input)).not.toContain('late')
  })

  it('counts what a target keeps of every client, and nothing of one that keeps nothing', async () => {
    const result = await run(
      { target: targets.leaky, config: { processes: true } as object, checks: [leftovers()] },
      { graceMs: 500 },
    )
    expect(result.leaks.find(({ kind }) => kind === 'childProcesses')?.count).toBe(8)
    const grown = await run({ target: targets.leaky, checks: [leftovers()] }, { rounds: 6, graceMs: 500 })
    expect(grown.leaks).toEqual(
      expect.arrayContaining([
        { kind: 'timers', count: 48, items: [] },
        { kind: 'instances:Session', count: 48, items: [] },
      ]),
    )
    const audits = ofType(await saved(), 'audit')
    expect(audits.map(({ counts }) => counts['instances:Session'] ?? 0)).toEqual([0, 8, 16, 24, 32, 40, 48])
    expect(audits.flatMap(({ blind }) => blind)).toEqual([])
  })

  it('plays on while it cannot tell a leak from a pool that is filled as it is needed', async () => {
    const expected = new Map<number, number>()
    const filled = await run(
      { target: targets.pooled, checks: [leftovers()] },
      { rounds: 3, progress: ({ round, rounds }) => expected.set(round, rounds) },
    )
    expect([...expected]).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
      [3, 3],
      [4, 4],
      [5, 5],
    ])
    expect(messages(filled)).toEqual([])
    // Eight in each of three rounds, then the last six, and a round in which it stays.
    expect(filled).toMatchObject({ verdict: 'valid', rounds: 5, leaks: [] })

    const leaking = await run(
      { target: targets.pooled, config: { most: 1_000 } as object, checks: [leftovers()] },
      { rounds: 3 },
    )
    expect(leaking).toMatchObject({ verdict: 'invalid', rounds: 6 })
    const file = process.execPath.replace(/[\da-f]*\d[\da-f]*/gi, '#')
    expect(messages(leaking).join()).toMatch(
      /^leftovers: descriptors grew in each of the last 6 rounds: .*; about 8 a round/,
    )
    expect(messages(leaking).join()).toContain(`; new since before the first round: 48 on ${file}`)
  })

  it('plays on for so many rounds only, whatever a check asks for', async () => {
    const insatiable: Check = {
      name: 'insatiable',
      judge: () => ({ verdict: 'unknown', findings: [], reason: 'never enough', moreRounds: true }),
    }
    expect(await run({ checks: [insatiable] }, { rounds: 1 })).toMatchObject({ verdict: 'unknown', rounds: 7 })
  })

  it('sees what the target says that it has open, and closes what the script leaves open before it counts', async () => {
    const result = await run({
      async script({ crowd }) {
        await crowd.all((client) => client.open())
      },
    })
    expect(messages(result)).toEqual([])
    const history = await saved()
    const opened = ofType(history, 'probe').filter(({ value }) => value.event === 'open')
    expect(opened).toHaveLength(8)
    expect(ofType(history, 'audit').map(({ counts }) => counts['resource:watcher'] ?? 0)).toEqual([0, 0])
  })

  it('keeps the target’s side of a client that vanished, so that a target without a heartbeat is found out', async () => {
    const result = await run(
      {
        async script({ client, crowd }) {
          await crowd.rest(1).all((other) => other.echo('x'))
          const { socket } = await client.open()
          ;(client as unknown as { context: { fault(socket: unknown, fault: unknown): void } }).context.fault(
            socket,
            halfOpen(),
          )
        },
      },
      { settleMs: 500, restMs: 500 },
    )
    expect(messages(result).join()).toContain("open resources of kind 'watcher' were left at rest")
    expect(result.faults).toEqual([{ fault: 'half-open', times: 1 }])
  })

  it('gives up a call that never ends, and progress finds it', async () => {
    const result = await run(
      {
        async script({ crowd }) {
          await crowd.all((client) => (client as unknown as { hang(): Promise<void> }).hang())
        },
        target: {
          ...targets.echo,
          client: (context) => ({ hang: () => context.call('hang', null, () => new Promise(() => {})) }) as never,
        },
      },
      { settleMs: 200, restMs: 200, seconds: 0.5 },
    )
    expect(result.verdict).toBe('invalid')
    expect(messages(result).join()).toContain('progress: ')
    expect(ofType(await saved(), 'info')).toHaveLength(8)
  })

  it('never finds valid what ended early: an error that the script did not expect', async () => {
    const result = await run({
      async script({ client, crowd }) {
        await crowd.all((other) => other.echo('x'))
        throw Object.assign(new Error(`${typeof client} was refused`), { status: 500 })
      },
    })
    expect(result.verdict).toBe('unknown')
    expect(result.notes[0]).toBe('In round 1 the script ended early: object was refused')
  })

  it('tells a mistake of the script as such, and leaves a partial record', async () => {
    const {
      code,
      message,
      run: partial,
    } = await cutOff(
      run({
        async script({ client, crowd }) {
          await client.echo('x')
          await crowd.attempt((other) => (other as unknown as { missing(): Promise<void> }).missing())
        },
      }),
    )
    expect(code).toBe('ERR_SCENARIO_INVALID')
    expect(message).toContain('missing is not a function')
    expect(partial).toMatchObject({ verdict: 'unknown', calls: 1 })
  })
})

describe('stress with faults', () => {
  it('slows every link down by a planned latency, and records it', async () => {
    const result = await run({ faults: [nemesis(latency({ delayMs: 30, direction: 'up' }))] }, { rounds: 1 })
    expect(result.latencyMs.echo?.p50).toBeGreaterThanOrEqual(30)
    expect(ofType(await saved(), 'fault').map(({ action, scope }) => `${action} ${scope}`)).toEqual([
      'start all',
      'heal all',
    ])
  })

  it('resets the links of the drawn clients, the same ones for the same seed', async () => {
    const definition: Partial<EchoScenario> = {
      faults: [nemesis(reset(), { share: 0.5 })],
      async script({ crowd, unique }) {
        await crowd.attempt((client) => client.echo(unique('text')))
      },
    }
    const scopes = async () =>
      ofType(await saved(), 'fault')
        .filter(({ action }) => action === 'start')
        .map(({ scope }) => scope)
    const result = await run(definition, { rounds: 1 })
    const first = await scopes()
    const reached = calls(await saved())
      .filter(({ outcome }) => outcome.type !== 'ok')
      .map(({ client }) => client)
    expect(result.findings).toEqual([])
    expect(first).toHaveLength(4)
    expect(reached.sort()).toEqual([...first].sort())
    await run(definition, { rounds: 1 })
    expect(await scopes()).toEqual(first)
  })

  it('lets calls that a stall held up end after the heal', async () => {
    const result = await run({ faults: [nemesis(stall())] }, { rounds: 1, seconds: 0.3 })
    expect(result.latencyMs.echo?.count).toBe(8)
    expect(messages(result)).toEqual([])
  })

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'starts a target killed by %s again when the storm is over, at the same address',
    async (signal) => {
      const result = await run(
        {
          async script({ crowd, hit, round }) {
            await crowd.all((client) => client.echo('before'))
            if (round === 1) hit(kill({ signal }))
          },
        },
        { rounds: 2 },
      )
      expect(messages(result)).toEqual([])
      expect(result.rounds).toBe(2)
      expect(result.faults).toEqual([{ fault: `kill ${signal}`, times: 1 }])
      const life = ofType(await saved(), 'target').map(({ event, process }) => `${process} ${event}`)
      expect(life).toEqual([
        'target-1 spawned',
        'target-1 ready',
        'target-1 exited',
        'target-2 spawned',
        'target-2 ready',
        'target-2 stopping',
        'target-2 exited',
      ])
    },
  )
})

describe('stress with a target that misbehaves', () => {
  it('says why it did not start: its exit code and its last words', async () => {
    const { code, message, run: partial } = await cutOff(run({ target: targets.deadAtOnce }))
    expect(code).toBe('ERR_TARGET_START')
    expect(message).toContain('exited with code 3; its last output: there is no database')
    expect(partial).toMatchObject({ verdict: 'unknown', rounds: 0, calls: 0 })
  })

  it('says what it threw when it was started', async () => {
    const { code, message } = await cutOff(run({ target: targets.refusing }))
    expect(code).toBe('ERR_TARGET_START')
    expect(message).toContain('the configuration is wrong')
  })

  it('says that it never got ready, and what it wrote', async () => {
    const { code, message } = await cutOff(run({ target: targets.neverReady }, { readyTimeoutMs: 1500 }))
    expect(code).toBe('ERR_TARGET_NOT_READY')
    expect(message).toContain('within 1500 ms')
    expect(message).toContain('waiting for the database')
  })

  it('says that its module cannot be loaded', async () => {
    const module = new URL('../../fixtures/live/missing.mjs', import.meta.url).href
    const { code, message } = await cutOff(run({ target: { ...targets.echo, module } }))
    expect(code).toBe('ERR_TARGET_START')
    expect(message).toContain('missing.mjs')
  })

  it('finds a target invalid that dies of an error, whatever the scenario checks', async () => {
    const result = await run({ target: targets.diesMidRun, checks: [echoes] })
    expect(result.verdict).toBe('invalid')
    expect(messages(result).join()).toMatch(/server-errors: .*exited with code 1.*the cache is gone/s)
    expect(ofType(await saved(), 'probe')).toContainEqual(
      expect.objectContaining({ topic: 'error', value: expect.objectContaining({ message: 'the cache is gone' }) }),
    )
  })

  it.each(['KILL', 'TERM', 'INT'])('blames nobody for a target that got a SIG%s from outside', async (signal) => {
    const script: EchoScenario['script'] = async ({ crowd, sleep }) => {
      await crowd.attempt((client) => client.echo('x'))
      await sleep(600_000)
    }
    const definition = { target: targets.killedMidRun, config: { signal } as object, script }
    const { code, message, run: partial } = await cutOff(run(definition, { seconds: 600 }))
    expect(code).toBe('ERR_TARGET_EXITED')
    expect(message).toContain('the target was ended from outside')
    expect(partial).toMatchObject({ verdict: 'unknown', findings: [] })
    // What had been seen until then is on disk.
    expect(ofType(await saved(), 'invoke').length).toBeGreaterThan(0)
  })

  it('ends a target that does not stop, and finds that', async () => {
    const result = await run({ target: targets.deafToStop }, { graceMs: 300 })
    expect(messages(result).join()).toContain('did not exit within 300 ms of SIGTERM and was killed')
  })

  it('ends a process that the target leaves behind, and finds that', async () => {
    const result = await run({ target: targets.orphanMaker })
    const [, pid] = /left behind: process (\d+) sleep 600/.exec(messages(result).join()) ?? []
    expect(Number(pid)).toBeGreaterThan(0)
    expect(processesOf({ mark: 'nobody', root: Number(pid) })).toEqual([])
  })
})

describe('stress that is interrupted', () => {
  it('in the storm: heals, stops and judges what it saw', async () => {
    const controller = new AbortController()
    const result = await run(
      {
        faults: [nemesis(stall({ direction: 'down' }), { fromMs: 1_000_000 })],
        async script({ client, sleep }) {
          await client.echo('x')
          controller.abort()
          await sleep(600_000)
        },
      },
      { signal: controller.signal, seconds: 600 },
    )
    expect(result.verdict).toBe('unknown')
    expect(result.notes).toEqual(['The run was interrupted in round 1, storm.'])
    expect(ofType(await saved(), 'phase').map(({ phase }) => phase)).toEqual(['boot', 'storm', 'heal', 'stop'])
  })

  it('during the boot', async () => {
    const controller = new AbortController()
    const running = run(
      { target: targets.neverReady },
      { signal: controller.signal, progress: () => setTimeout(() => controller.abort(), 300) },
    )
    expect(await running).toMatchObject({
      verdict: 'unknown',
      rounds: 0,
      notes: ['The run was interrupted in round 0, boot.'],
    })
  })

  it('before it began', async () => {
    expect(await run({}, { signal: AbortSignal.abort() })).toMatchObject({ verdict: 'unknown', rounds: 0 })
  })
})

describe('stress of a target that is not ours', () => {
  const serveEcho = fileURLToPath(new URL('../../fixtures/live/serve-echo.mjs', import.meta.url))
  let server: ChildProcess | undefined

  afterEach(() => {
    server?.kill('SIGKILL')
    server = undefined
  })

  /** Starts an echo server on a free port, not by the run, and says its URL. */
  async function startedElsewhere(): Promise<string> {
    const env = { ...process.env, PORT: '0', [runMark]: 'not ours' }
    const child = spawn(process.execPath, [serveEcho], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    server = child
    const [line] = await once(child.stdout, 'data')
    return String(line).trim()
  }

  it('races a command, and looks into it when it is Node', async () => {
    const command = `${process.execPath} ${serveEcho} leaky`
    const result = await run({ checks: [echoes, leftovers()] }, { rounds: 3, launch: { kind: 'command', command } })
    expect(result.leaks).toEqual([{ kind: 'instances:Visit', count: 48, items: [] }])
    const last = ofType(await saved(), 'target').at(-1)
    expect(last).toMatchObject({ event: 'exited', expected: true })
  })

  it('says that the port of a command is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const command = `PORT=${port} ${process.execPath} ${serveEcho}`
    const { code, message } = await cutOff(run({}, { launch: { kind: 'command', command } }))
    other.close()
    expect(code).toBe('ERR_TARGET_START')
    expect(message).toContain('A port is in use: stop what listens there, or let the command listen at the port in')
  })

  it('says that a command exits at once', async () => {
    const { code, message } = await cutOff(
      run({}, { launch: { kind: 'command', command: 'echo no such server >&2; exit 4' } }),
    )
    expect(code).toBe('ERR_TARGET_START')
    expect(message).toContain('exited with code 4; its last output: no such server')
  })

  it('says that a command never listens', async () => {
    const launch = { kind: 'command', command: 'sleep 600' } as const
    const { code, message } = await cutOff(run({}, { launch, readyTimeoutMs: 400 }))
    expect(code).toBe('ERR_TARGET_NOT_READY')
    expect(message).toContain('environment variable PORT')
  })

  it('races a URL, and says that it cannot see what is left there', async () => {
    const result = await run({}, { launch: { kind: 'url', url: await startedElsewhere() } })
    expect(result.verdict).toBe('unknown')
    expect(result.findings).toEqual([])
    expect(result.checks.find(({ check }) => check === 'leftovers')?.reason).toContain('not started by this run')
    expect(server?.exitCode).toBe(null)
  })

  it('says that nothing answers at a URL, and which URLs it takes', async () => {
    const nobody = { kind: 'url', url: 'http://127.0.0.1:1' } as const
    expect((await cutOff(run({}, { launch: nobody, readyTimeoutMs: 300 }))).code).toBe('ERR_TARGET_NOT_READY')
    const tls = { kind: 'url', url: 'https://127.0.0.1:1' } as const
    expect((await cutOff(run({}, { launch: tls }))).code).toBe('ERR_USAGE')
  })

  it('refuses to kill what it did not start', async () => {
    const url = await startedElsewhere()
    const { code } = await cutOff(run({ faults: [nemesis(kill())] }, { launch: { kind: 'url', url } }))
    expect(code).toBe('ERR_SCENARIO_INVALID')
  })
})

describe('stress over standard input and output', () => {
  it('shares one pipe among all clients, and refuses what needs a connection', async () => {
    const target = {
      ...targets.lineEcho,
      client: (context: Parameters<typeof targets.echo.client>[0]) => ({
        echo: (text: string) =>
          context.call('echo', text, () => {
            return new Promise<string>((resolve) => {
              const stop = context.stdio?.onLine((line) => {
                if (line !== text) return
                stop?.()
                resolve(line)
              })
              context.stdio?.send(text)
            })
          }),
        open: async () => ({ socket: context.connect() }),
      }),
    }
    const result = await run({ target }, { rounds: 3 })
    expect(messages(result)).toEqual([])
    expect(result).toMatchObject({ verdict: 'valid', calls: 24 })
    const script: EchoScenario['script'] = async ({ client }) => void (await client.open())
    const { code, message } = await cutOff(run({ target, script }))
    expect(code).toBe('ERR_SCENARIO_INVALID')
    expect(message).toContain('speaks stdio only')
  })
})

describe('stress that cannot write its history', () => {
  it('says so before it starts anything', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    await expect(run({}, { runDir: join(file, 'run') })).rejects.toMatchObject({ code: 'ERR_OUTPUT' })
  })

  it.skipIf(process.platform !== 'linux')('stops when the disk is full', async () => {
    const { code, run: partial } = await cutOff(run({}, { runDir: '/dev', historyName: 'full', rounds: 100 }))
    expect(code).toBe('ERR_OUTPUT')
    expect(partial.rounds).toBeLessThan(100)
  })
})
