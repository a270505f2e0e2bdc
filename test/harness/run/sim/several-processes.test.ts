import '../../../../harness/register.ts'
import { describe, expect, it } from 'vitest'
import { fromMacrotask } from '../../../../harness/explore/explore-subject.ts'
import type { Judged } from '../../../../harness/explore/subject.ts'
import { fault } from '../../../../harness/fault/faults.ts'
import { nemesis } from '../../../../harness/fault/nemesis.ts'
import type { HistoryEvent } from '../../../../harness/history/event.ts'
import { scenarioSubject } from '../../../../harness/run/sim/scenario-subject.ts'
import { type AnyScenario, scenario } from '../../../../harness/scenario.ts'
import { simulateNow } from '../../../../harness/sim/simulate.ts'
import { randomWalk } from '../../../../harness/sim/strategy/random-walk.ts'
import { answeredBy, lastBoard, livesOf, oneOfThreeKilled } from '../../../fixtures/one-of-three-killed.ts'

const notes = (when: string, clients: readonly number[]) => clients.map((client) => `${when}-${client}`)

function play(tested: AnyScenario, seed = 1): Promise<Judged & { hash: string }> {
  return fromMacrotask(() => {
    const trial = scenarioSubject(tested, { defect: null }).trial({ seed })
    const result = simulateNow(trial.run, { ...trial.options, seed, strategy: randomWalk(seed) })
    return { ...trial.judge(result), hash: result.hash }
  })
}

const like = (changes: Partial<AnyScenario>) => scenario('altered', { ...oneOfThreeKilled, ...changes } as AnyScenario)

const faultsOf = (history: readonly HistoryEvent[]) =>
  history.flatMap((event) => (event.type === 'fault' ? [`${event.action} ${event.fault}`] : []))

describe('a target of three processes in the simulated world', () => {
  it('keeps its promise in every order that is tried, when one of them is killed and comes back', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { verdict, findings, history } = await play(oneOfThreeKilled, seed)
      expect({ seed, verdict, findings }).toEqual({ seed, verdict: 'valid', findings: [] })
      expect(lastBoard(history)).toEqual([...notes('after', [0, 3]), ...notes('before', [0, 1, 2, 3, 4, 5])])
    }
  })

  it('answers each client by the process that is its own', async () => {
    const { history } = await play(oneOfThreeKilled)
    const pids = answeredBy(history)
    expect(pids.get('c0')).toEqual(pids.get('c3'))
    expect(pids.get('c2')).toEqual(pids.get('c5'))
    expect(new Set([...pids.values()].flatMap((own) => [...own])).size).toBe(3)
  })

  it('loses the process that is hit, and none of the others', async () => {
    const { history } = await play(oneOfThreeKilled)
    expect(livesOf(history)).toEqual([
      ...['server0-1 spawned', 'server0-1 ready', 'server1-1 spawned', 'server1-1 ready'],
      ...['server2-1 spawned', 'server2-1 ready'],
      ...['server1-1 exited', 'server1-2 spawned', 'server1-2 ready'],
      ...['server0-1 stopping', 'server0-1 exited', 'server1-2 stopping', 'server1-2 exited'],
      ...['server2-1 stopping', 'server2-1 exited'],
    ])
    expect(faultsOf(history)).toEqual(['start kill SIGKILL of process 1', 'heal kill SIGKILL of process 1'])
  })

  it('is hit by a nemesis in the process that it names', async () => {
    const { history } = await play(
      like({
        faults: [nemesis(fault.kill(), { process: 2, fromMs: 5, untilMs: 20 })],
        async script({ crowd, sleep }) {
          await sleep(50)
          await crowd.attempt((each) => (each as { read(): Promise<unknown> }).read())
        },
      }),
    )
    expect(livesOf(history).filter((life) => life.endsWith('exited') || life.includes('-2'))).toEqual([
      ...['server2-1 exited', 'server2-2 spawned', 'server2-2 ready'],
      ...['server0-1 exited', 'server1-1 exited', 'server2-2 stopping', 'server2-2 exited'],
    ])
  })

  it('is counted as a whole, and tells of each process what that one leaves behind', async () => {
    const keeping = like({
      async script({ crowd }) {
        await crowd.on(1).all((each) => (each as { keep(): Promise<unknown> }).keep())
      },
    })
    const { findings, history } = await play(keeping)
    expect(findings).toMatchObject([
      {
        check: 'leftovers',
        message: expect.stringContaining('timers were left at rest: 0 before the first round, then 2'),
      },
      { check: 'leftovers', message: expect.stringContaining('server1-1 was asked to stop and did not end cleanly') },
    ])
    const baseline = history.find((event) => event.type === 'audit')
    expect(baseline?.counts.servers).toBe(3)
  })

  it('gives one schedule for one seed', async () => {
    const { hash } = await play(oneOfThreeKilled, 7)
    expect((await play(oneOfThreeKilled, 7)).hash).toBe(hash)
    expect((await play(oneOfThreeKilled, 8)).hash).not.toBe(hash)
  })

  it('runs with fewer clients than processes, as a smaller failure may have', async () => {
    const subject = scenarioSubject(oneOfThreeKilled, { defect: null, clients: 1 })
    const judged = await fromMacrotask(() => {
      const trial = subject.trial({ seed: 1 })
      return trial.judge(simulateNow(trial.run, { ...trial.options, seed: 1, strategy: randomWalk(1) }))
    })
    expect(judged.verdict).toBe('valid')
  })
})
