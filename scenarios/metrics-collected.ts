import { check, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'
import { asLookups, lookupModel } from '../reference-impl/mcp/target-lookup-model.ts'

/** The counts of the session cache are collected and set back while agents use the sessions. */
export default scenario('metrics-collected', {
  target: mcp,
  source: 'mcp-thread-safety-insights: model 2 (cache metrics: hits, misses, avoided loads)',
  promise: 'Every lookup of a session is counted exactly once, however often the counts are set back.',
  async script({ client, crowd, random, unique }) {
    const sessionIds = Array.from({ length: 2 }, () => unique('session'))
    const draws = Array.from({ length: crowd.size }, (_, index) => random.fork(index))
    await client.cacheMetrics({ reset: true })
    await crowd.all(async (each, index) => {
      for (let turn = 0; turn < Math.min(4, crowd.size - 1); turn++) {
        if (index % 5 === 0) await each.cacheMetrics({ reset: true })
        else await each.startWorkflow(draws[index]!.pick(sessionIds))
      }
    })
    await client.cacheMetrics({ reset: true })
    await client.clearSessionCache()
    await crowd.all((each) => each.close())
  },
  checks: [
    check.linearizable({ model: lookupModel, translate: asLookups }),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 20, seconds: 4, gate: false }, sim: { clients: 3 } },
})
