import { check, scenario } from 'raceproof'
import { state } from '../reference-impl/state/target.ts'
import { asJobs, jobModel } from '../reference-impl/state/target-job-model.ts'

const workers = 4
const permits = workers / 2

/** More analyses than may run at once: some fail, some are stopped while they wait or run, and all must come to their end. */
export default scenario('permits-returned', {
  target: state,
  source:
    'race-condition-bug-fix: `_analysis_semaphore`, AsyncThreadLock; thread-safety-analysis: issue 4, impact (zombie threads)',
  promise: 'Never do more analyses run than there are permits, and every permit comes back, however its analysis ends.',
  config: { workers, knownDatasets: ['lab'], maxSteps: 1_000_000_000 },
  async script({ client, crowd, unique }) {
    // Made beforehand, so that its maker does not take a worker from the analyses.
    await client.startAnalysis({ id: unique('analysis'), dataset: 'lab', steps: 1 })
    // When all have come to their end, every permit is free for the next burst; a large crowd sees several.
    for (let burst = 0; burst < Math.ceil(crowd.size / 8); burst++) {
      const ids = Array.from({ length: crowd.size }, () => unique('analysis'))
      await crowd.attempt(async (each, index) => {
        const id = ids[index]!
        await each.startAnalysis({
          id,
          dataset: index % 4 === 3 ? 'nowhere' : 'lab',
          steps: index % 4 === 0 ? 1_000_000_000 : 100,
        })
        if (index % 2 === 0) await each.stopAnalysis(id)
        await each.analysis(id)
      })
      await crowd.all((each, index) => each.analysisEnd(ids[index]!))
    }
    const last = unique('analysis')
    await client.startAnalysis({ id: last, dataset: 'lab', steps: 1 })
    await client.analysisEnd(last)
    await client.cleanupAnalyses(0)
  },
  checks: [
    check.bounds({
      open: { permit: permits },
      states: [{ machine: 'analysis', states: ['running', 'stopping'], most: permits }],
    }),
    check.linearizable({ model: jobModel, translate: asJobs }),
    check.progress(),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { live: { clients: 48, seconds: 5, gate: false }, sim: { clients: 4 } },
})
