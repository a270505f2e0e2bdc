import '../../../../harness/register.ts'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { check } from '../../../../harness/check/checks.ts'
import type { Judged, Variant } from '../../../../harness/explore/subject.ts'
import { fault } from '../../../../harness/fault/faults.ts'
import { nemesis } from '../../../../harness/fault/nemesis.ts'
import { scenarioSubject } from '../../../../harness/run/sim/scenario-subject.ts'
import type { AnyScenario, ScriptContext } from '../../../../harness/scenario.ts'
import { scenario } from '../../../../harness/scenario.ts'
import { type SimResult, simulateNow } from '../../../../harness/sim/simulate.ts'
import { randomWalk } from '../../../../harness/sim/strategy/random-walk.ts'
import { operation, workload } from '../../../../harness/workload.ts'
import tally from '../../../fixtures/scenarios/simulated-tally.ts'

const lostUpdate = tally.target.defects[0]!

/** What a client of the tally can do. */
interface Adder {
  add(amount: number): Promise<string>
  read(): Promise<number>
}

interface Played {
  judged: Judged
  result: SimResult<unknown>
}

/** Runs one schedule as an explorer does: from a macrotask. */
function play(subject: ReturnType<typeof scenarioSubject>, variant: Variant): Promise<Played> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        const trial = subject.trial(variant)
        const { seed } = variant
        const result = simulateNow(trial.run, { ...trial.options, seed, strategy: randomWalk(seed) })
        resolve({ judged: trial.judge(result), result })
      } catch (error) {
        reject(error)
      }
    })
  })
}

function like(changes: Partial<AnyScenario>): ReturnType<typeof scenarioSubject> {
  return scenarioSubject(scenario('altered-tally', { ...tally, ...changes }), { defect: null })
}

describe('a scenario in the simulated world', () => {
  it('is valid on the correct target, in every order that is tried', async () => {
    const subject = scenarioSubject(tally, { defect: null })
    for (let seed = 1; seed <= 30; seed++) {
      const { judged, result } = await play(subject, { seed })
      expect({ seed, verdict: judged.verdict, findings: judged.findings, left: result.leftovers }).toEqual({
        seed,
        verdict: 'valid',
        findings: [],
        left: [],
      })
    }
  })

  it('finds the defect of the target by the check that its author named', async () => {
    const subject = scenarioSubject(tally, { defect: lostUpdate })
    const played = []
    for (let seed = 1; seed <= 20; seed++) played.push(await play(subject, { seed }))
    const invalid = played.filter(({ judged }) => judged.verdict === 'invalid')
    expect(invalid.length).toBeGreaterThan(5)
    expect(invalid[0]!.judged.findings[0]).toMatchObject({ check: 'survival' })
  })

  it('gives the same schedule and the same record for the same seed, also after other schedules', async () => {
    const subject = scenarioSubject(tally, { defect: lostUpdate })
    const first = await play(subject, { seed: 7 })
    await play(subject, { seed: 8 })
    const again = await play(subject, { seed: 7 })
    expect(again.result.hash).toBe(first.result.hash)
    expect(again.judged.history).toEqual(first.judged.history)
  })

  it('records the whole life of the target, with times that never go back', async () => {
    const { judged } = await play(scenarioSubject(tally, { defect: null }), { seed: 1 })
    const phases = judged.history.flatMap((event) => (event.type === 'phase' ? [event.phase] : []))
    expect(phases).toEqual(['boot', 'storm', 'heal', 'settle', 'audit', 'stop'])
    const times = judged.history.map(({ timeMs }) => timeMs)
    expect(times).toEqual([...times].sort((one, other) => one - other))
    expect(judged.history).toContainEqual(expect.objectContaining({ type: 'target', event: 'exited', expected: true }))
  })

  it('gives what is slow the time that it takes, as long as something happens', async () => {
    const subject = like({
      async script({ client, sleep }: ScriptContext<Adder>) {
        for (let time = 0; time < 12; time++) {
          await client.add(1)
          await sleep(8000)
        }
      },
    })
    const { judged } = await play(subject, { seed: 1 })
    expect({ verdict: judged.verdict, findings: judged.findings }).toEqual({ verdict: 'valid', findings: [] })
  })

  it('concludes nothing from what has not come when things go on for ever', async () => {
    const subject = like({
      async script({ client, sleep }: ScriptContext<Adder>) {
        for (;;) {
          await client.add(1)
          await sleep(250)
        }
      },
    })
    const { judged } = await play(subject, { seed: 1 })
    expect({ verdict: judged.verdict, findings: judged.findings }).toEqual({ verdict: 'unknown', findings: [] })
    expect(judged.history.filter(({ type }) => type === 'phase')).not.toContainEqual(
      expect.objectContaining({ phase: 'audit' }),
    )
  })

  it('says why a schedule proves nothing in which the script threw', async () => {
    const subject = like({
      async script({ client }: ScriptContext<Adder>) {
        await client.add(1)
        throw new Error('expected 3, got 4')
      },
    })
    const { judged } = await play(subject, { seed: 1 })
    expect(judged.verdict).toBe('unknown')
    expect(judged.notes?.[0]).toBe('In it the script ended early: expected 3, got 4')
    const { judged: right } = await play(scenarioSubject(tally, { defect: null }), { seed: 1 })
    expect(right.notes).toEqual([])
  })

  it('lets clients that are asked at once begin in any order', async () => {
    const subject = scenarioSubject(tally, { defect: null })
    const orders = new Set<string>()
    for (let seed = 1; seed <= 40; seed++) {
      const { judged } = await play(subject, { seed })
      const adds = judged.history.filter((event) => event.type === 'invoke' && event.f === 'add')
      orders.add(adds.map((event) => (event as { client: string }).client).join())
    }
    expect(orders.size).toBe(6)
  })

  it('runs as many clients as the variant says', async () => {
    const { judged } = await play(scenarioSubject(tally, { defect: null }), { seed: 1, clients: 5 })
    expect(judged.clients).toBe(5)
    expect(new Set(judged.history.flatMap((event) => ('client' in event ? [event.client] : []))).size).toBe(5)
  })

  it('refuses a scenario that has no scale for it', () => {
    const live = { ...tally, scale: { live: { clients: 3, seconds: 1 } } }
    expect(() => scenarioSubject(live, { defect: null })).toThrow(
      expect.objectContaining({ code: 'ERR_WORLD_UNSUPPORTED' }),
    )
  })

  it('tells a target that does not start as an error, and not as a finding', async () => {
    await expect(play(like({ config: { refuse: true } }), { seed: 1 })).rejects.toMatchObject({
      code: 'ERR_TARGET_START',
      message: expect.stringContaining('the tally is closed today'),
    })
  })

  it('tells a script that is wrong as an error, with the place', async () => {
    const script = async () => {
      ;(undefined as unknown as { nothing(): void }).nothing()
    }
    await expect(play(like({ script }), { seed: 1 })).rejects.toMatchObject({
      code: 'ERR_SCENARIO_INVALID',
      message: expect.stringMatching(/the script of scenario 'altered-tally' threw: TypeError/),
    })
  })

  it('lets a script go on that has only waited when the target is killed', async () => {
    const script = async ({ client, sleep }: ScriptContext<Adder>) => {
      await sleep(50)
      await client.add(1)
    }
    const faults = [nemesis(fault.kill(), { fromMs: 10, untilMs: 30 })]
    const { judged } = await play(like({ script, faults, checks: [check.progress()] }), { seed: 1 })
    expect(judged.verdict).toBe('valid')
    expect(judged.history).toContainEqual(expect.objectContaining({ type: 'ok', f: 'add' }))
  })

  it('has a target that is sent SIGTERM stop as it stops otherwise', async () => {
    const script = async ({ client, hit, sleep }: ScriptContext<Adder>) => {
      await client.add(1)
      hit(fault.kill({ signal: 'SIGTERM' }))
      await sleep(10)
      await expect(client.add(1)).rejects.toMatchObject({ message: expect.stringContaining('ECONNREFUSED') })
    }
    const { judged } = await play(like({ script, checks: [check.serverErrors()] }), { seed: 1 })
    expect(judged.findings).toEqual([])
  })

  it('is told of a target that says that it has stopped before it has, also when it was sent SIGTERM', async () => {
    const told = (process: string) =>
      expect.stringMatching(
        `the target's process ${process} was asked to stop and did not end cleanly: stop\\(\\) had returned before this was closed: .*servers listening`,
      )
    const script = async ({ client, hit }: ScriptContext<Adder>) => {
      await client.add(1)
      hit(fault.kill({ signal: 'SIGTERM' }))
    }
    const { judged } = await play(like({ script, config: { hasty: true } }), { seed: 1 })
    const messages = judged.findings.filter(({ check }) => check === 'leftovers').map(({ message }) => message)
    expect(messages).toEqual([told('server-1'), told('server-2')])
  })

  it('allows a target that has stopped a timer that runs out by itself', async () => {
    const { judged } = await play(like({ config: { ticking: true } }), { seed: 1 })
    expect(judged).toMatchObject({ verdict: 'valid', findings: [] })
  })

  it('restarts a target that was sent SIGTERM when it has stopped, or has not for too long', async () => {
    const script = async ({ client, hit }: ScriptContext<Adder>) => {
      await client.add(1)
      hit(fault.kill({ signal: 'SIGTERM' }))
    }
    const livesOf = async (config: object) => {
      const { judged } = await play(like({ script, config }), { seed: 1 })
      return judged.history.flatMap((event) => (event.type === 'target' ? [`${event.process} ${event.event}`] : []))
    }
    const first = ['server-1 spawned', 'server-1 ready', 'server-1 stopping', 'server-1 exited', 'server-2 spawned']
    expect((await livesOf({})).slice(0, 5)).toEqual(first)
    expect((await livesOf({ stuck: true })).slice(0, 5)).toEqual(first)
  })

  it('finds an event loop that is blocked, whatever comes of it', async () => {
    const script = async ({ client }: ScriptContext<Adder>) => {
      await client.add(1)
    }
    const { judged } = await play(like({ script, config: { block: true } }), { seed: 1 })
    expect(judged.verdict).toBe('invalid')
    expect(judged.findings.map(({ check, message }) => `${check}: ${message}`).join()).toContain(
      "progress: process 'server' blocked its thread at 0 ms: Atomics.wait would block the event loop of 'server'",
    )
  })

  it('finds a target that does not stop, in virtual time', async () => {
    const { judged } = await play(like({ config: { stuck: true } }), { seed: 1 })
    expect(judged.verdict).toBe('invalid')
    expect(judged.findings.map(({ check, message }) => `${check}: ${message}`).join()).toContain(
      "leftovers: the target's process server-1 was asked to stop and did not end cleanly: stop() had not returned after 10000 ms",
    )
  })

  it('gives up a script that waits for ever, and is not valid', async () => {
    const script = () => new Promise<void>(() => {})
    const { judged } = await play(like({ script }), { seed: 1 })
    expect(judged.verdict).toBe('unknown')
  })

  it('makes an error that nobody caught a finding of the schedule', async () => {
    const script = async ({ client, crowd }: Parameters<AnyScenario['script']>[0]) => {
      await crowd.all(() => client.read()).catch(() => {})
      setTimeout(() => {
        throw new Error('left alone')
      }, 5)
    }
    const { judged } = await play(like({ script }), { seed: 1, clients: 1 })
    expect(judged).toMatchObject({ verdict: 'invalid', findings: [{ check: 'server-errors' }] })
    expect(judged.findings[0]!.message).toContain('left alone')
  })

  it('kills and restarts the target, which clients find again at the same address', async () => {
    const script = async ({ client, sleep }: ScriptContext<Adder>) => {
      await client.add(1)
      await sleep(100)
      await client.read()
    }
    const subject = like({ script, faults: [nemesis(fault.kill(), { fromMs: 30, untilMs: 50 })] })
    const { judged, result } = await play(subject, { seed: 1, clients: 1 })
    const lives = judged.history.flatMap((event) =>
      event.type === 'target' ? [`${event.process} ${event.event}`] : [],
    )
    expect(lives).toEqual([
      'server-1 spawned',
      'server-1 ready',
      'server-1 exited',
      'server-2 spawned',
      'server-2 ready',
      'server-2 stopping',
      'server-2 exited',
    ])
    expect(judged.faults).toEqual(['1:kill'])
    // The sum was in memory, and is gone with the process.
    expect(judged.findings.map(({ check }) => check)).toEqual(['survival'])
    expect(result.leftovers).toEqual([])
  })

  it('leaves out the faults and the drawn operations that a variant does without', async () => {
    const adding = operation({
      weight: 1,
      input: fc.integer({ min: 1, max: 9 }),
      run: (client: Adder, amount) => client.add(amount),
    })
    const changes = { script: workload({ adding }, { perClient: 3 }), faults: [nemesis(fault.kill(), { fromMs: 500 })] }
    const whole = await play(like(changes), { seed: 1, clients: 2 })
    expect(whole.judged.calls).toEqual(expect.arrayContaining(['c0/1:adding', 'c1/3:adding']))
    const variant = { seed: 1, clients: 2, withoutFaults: ['1:kill'], withoutCalls: ['c0/1:adding', 'c1/2:adding'] }
    const { judged } = await play(like(changes), variant)
    const added = (history: Judged['history'], client: string) =>
      history.flatMap((event) => (event.type === 'invoke' && event.client === client ? [event.input] : []))
    expect(added(judged.history, 'c0')).toEqual(added(whole.judged.history, 'c0').slice(1))
    expect(added(judged.history, 'c1')).toHaveLength(2)
    expect(judged.history.some(({ type }) => type === 'fault')).toBe(false)
  })
})
