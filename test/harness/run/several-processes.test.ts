import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fault } from '../../../harness/fault/faults.ts'
import type { HistoryEvent } from '../../../harness/history/event.ts'
import { readHistory } from '../../../harness/history/journal.ts'
import type { ScenarioRun } from '../../../harness/record.ts'
import { stress } from '../../../harness/run/stress.ts'
import { type AnyScenario, scenario } from '../../../harness/scenario.ts'
import { answeredBy, lastBoard, livesOf, oneOfThreeKilled } from '../../fixtures/one-of-three-killed.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raceproof-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function play(tested: AnyScenario): Promise<ScenarioRun & { events: readonly HistoryEvent[] }> {
  const run = await stress(tested, {
    defect: null,
    seed: 1,
    clients: 6,
    seconds: 1,
    rounds: 1,
    runDir: folder,
    launch: { kind: 'host' },
    signal: new AbortController().signal,
    progress() {},
    replayCommand: 'raceproof run one-of-three-killed --seed 1',
    settleMs: 3000,
    restMs: 3000,
  })
  return { ...run, events: (await readHistory(join(folder, run.history))).history }
}

describe('a target of three processes live', () => {
  it('shares one folder, gives each client its process, and loses the one that is killed alone', async () => {
    const { findings, events } = await play(oneOfThreeKilled)
    expect(findings).toEqual([])
    expect(lastBoard(events)).toEqual(
      [0, 1, 2, 3, 4, 5]
        .map((client) => `before-${client}`)
        .concat(['after-0', 'after-3'])
        .sort(),
    )
    const pids = answeredBy(events)
    expect(pids.get('c0')).toEqual(pids.get('c3'))
    expect(new Set([...pids.values()].flatMap((own) => [...own])).size).toBe(3)
    const ended = livesOf(events).filter((life) => /exited|ready/.test(life))
    expect(ended.slice(0, 5)).toEqual([
      ...['target0-1 ready', 'target1-1 ready', 'target2-1 ready', 'target1-1 exited', 'target1-2 ready'],
    ])
    expect(ended.slice(5).sort()).toEqual(['target0-1 exited', 'target1-2 exited', 'target2-1 exited'])
  })

  it('hears nothing of the one that is paused until that one goes on', async () => {
    const { findings, events } = await play(
      scenario('one-of-three-paused', {
        ...oneOfThreeKilled,
        async script({ crowd, hit }) {
          await crowd.all((each, index) => each.note(`before-${index}`))
          const goOn = hit(fault.pause(), { process: 1 })
          const reading = crowd.on(1).all((each) => each.read())
          await crowd.on(0).all((each) => each.read())
          goOn()
          await reading
        },
      }),
    )
    expect(findings).toEqual([])
    const went = events.findIndex((event) => event.type === 'fault' && event.action === 'heal')
    const readers = (some: readonly HistoryEvent[]) =>
      some.flatMap((event) => (event.type === 'ok' && event.f === 'read' ? [event.client] : [])).sort()
    expect(readers(events.slice(0, went))).toEqual(['c0', 'c3'])
    expect(readers(events.slice(went))).toEqual(['c1', 'c4'])
    expect(livesOf(events).filter((life) => life.startsWith('target1'))).not.toContain('target1-2 spawned')
  })

  it('is counted as a whole', async () => {
    const keeping = scenario('keeping', {
      ...oneOfThreeKilled,
      async script({ crowd }) {
        await crowd.on(1).all((each) => each.keep())
        await crowd.on(2).all((each) => each.keep())
      },
    })
    const { events } = await play(keeping)
    const timers = events.flatMap((event) => (event.type === 'audit' ? [event.counts.timers] : []))
    expect(timers[1]! - timers[0]!).toBe(4)
  })
})
