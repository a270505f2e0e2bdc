import { type Account, type Call, check, scenario } from 'raceproof'
import { type JobRecord, jobTransitions } from '../reference-impl/state/job-table.ts'
import { state } from '../reference-impl/state/target.ts'

/** Steps that take some ten milliseconds, and steps that nobody sees the end of. */
const briefSteps = 200
const endless = 100_000_000

const machine = { initial: ['queued'], transitions: jobTransitions } as const

/** Analyses that have ended are restarted while old ones are cleaned up, and stopped while they end by themselves. */
export default scenario('analyses-restarted', {
  target: state,
  source: 'race-condition-bug-fix: `_cleanup_old_analyses`, fix 4 (double lock acquisition)',
  promise: 'A restarted analysis is not an old one, and how an analysis ended stays as it was.',
  config: { maxSteps: endless, workers: 8 },
  async script({ client, crowd, unique, random, sleep }) {
    const pairs = Math.max(1, Math.min(4, crowd.size >> 1))
    // Nobody chooses the order of real events, so that it takes more tries.
    const tries = Math.max(1, crowd.size >> 2)
    const owners = crowd.first(pairs)
    const dataset = unique('dataset')
    const ids = Array.from({ length: pairs }, () => unique('analysis'))
    await client.startAnalysis({ id: unique('analysis'), dataset, steps: 1 })

    // Each runs undisturbed first, and others are then stopped about when they would end by themselves.
    const tookMs: number[] = []
    await owners.all(async (each, index) => {
      const id = ids[index]!
      const begunMs = performance.now()
      await each.startAnalysis({ id, dataset, steps: briefSteps })
      await each.analysisEnd(id)
      tookMs[index] = Math.round(performance.now() - begunMs)
    })
    for (let time = 0; time < 3 * tries ** 2 - 1; time++) {
      const brief = Array.from({ length: pairs }, () => unique('analysis'))
      const lateMs = Array.from({ length: pairs }, () => random.pick([-2, -1, 0, 0, 1]))
      await owners.attempt(async (each, index) => {
        await each.startAnalysis({ id: brief[index]!, dataset, steps: briefSteps })
        await sleep(Math.max(0, tookMs[index]! + lateMs[index]!))
        // Who comes too late is earlier the next time, and who comes too early later: most come about when it ends.
        tookMs[index]! -= 1
        await each.stopAnalysis(brief[index]!)
        tookMs[index]! += 2
      })
      await owners.attempt((each, index) => each.analysisEnd(brief[index]!))
    }

    // Each is stopped, restarted, and cleaned up by somebody who thinks that it has ended.
    for (let time = 0; time < tries; time++) {
      const long = Array.from({ length: pairs }, () => unique('analysis'))
      await owners.all(async (each, index) => {
        await each.startAnalysis({ id: long[index]!, dataset, steps: endless })
        await each.stopAnalysis(long[index]!)
        await each.analysisEnd(long[index]!)
      })
      await crowd.attempt<unknown>((each, index) => {
        // A cleaner comes first, and may still be at it when the restarts come.
        if (index >= 1 && index <= pairs) return each.restartAnalysis(long[index - 1]!)
        return index % 2 ? each.listAnalyses() : each.cleanupAnalyses(0)
      })
      await owners.attempt((each, index) => each.analysis(long[index]!))
      await owners.attempt((each, index) => each.stopAnalysis(long[index]!))
      await owners.attempt((each, index) => each.analysisEnd(long[index]!))
      await client.cleanupAnalyses(0)
    }

    // And one that nobody interferes with.
    const calm = unique('analysis')
    await client.startAnalysis({ id: calm, dataset, steps: endless })
    await client.stopAnalysis(calm)
    await client.analysisEnd(calm)
    await client.restartAnalysis(calm)
    await client.cleanupAnalyses(0)
    await client.analysis(calm)
    await client.stopAnalysis(calm)
    await client.analysisEnd(calm)
    await client.cleanupAnalyses(0)
  },
  checks: [
    check.survival({ account: livesOf }),
    check.lifecycle({ machines: { analysis: machine } }),
    check.progress(),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { live: { clients: 24, seconds: 5, gate: false }, sim: { clients: 3 } },
})

/** Every life of an analysis is a thing of its own. No second life ends before it is stopped, so no cleanup may remove it. */
function livesOf({ f, input, outcome }: Call): Account | null {
  const { id = '' } = input as { id?: string }
  const life = outcome.type === 'ok' ? [`${id}#${(outcome.output as JobRecord).attempt}`] : []
  if (f === 'restartAnalysis') return { keeps: life }
  const isAnswer = outcome.type === 'ok' || (outcome.type === 'fail' && outcome.status === 404)
  return f === 'analysis' && isAnswer ? { shows: life, covers: [`${id}#2`] } : null
}
