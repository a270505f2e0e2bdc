import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judgeAll } from '../../harness/check/judge.ts'
import { readHistory } from '../../harness/history/journal.ts'
import { stress } from '../../harness/run/stress.ts'
import scenario from '../../scenarios/multi-client-disconnect.ts'
import type { Figure } from './figure.ts'

const goalMs = 1000

/** How long all checks of a scenario take to judge what a live run with 120 clients has recorded. */
export async function figures(): Promise<Figure[]> {
  const runDir = await mkdtemp(join(tmpdir(), 'raceproof-bench-'))
  try {
    const { clients, calls } = await stress(scenario, {
      defect: null,
      seed: 1,
      clients: 120,
      seconds: 1,
      runDir,
      launch: { kind: 'host' },
      signal: new AbortController().signal,
      progress() {},
      replayCommand: '',
    })
    const { history } = await readHistory(join(runDir, 'history.jsonl'))
    const { user } = process.cpuUsage()
    judgeAll(scenario.checks, history)
    const value = (process.cpuUsage().user - user) / 1000
    return [
      {
        name: `judging: ${clients} clients live, ${calls} calls, ${history.length} events, CPU`,
        value,
        unit: 'ms',
        peer: null,
        peerValue: null,
        ratio: null,
        goal: `<= ${goalMs} ms`,
        met: value <= goalMs,
      },
    ]
  } finally {
    await rm(runDir, { recursive: true, force: true })
  }
}
