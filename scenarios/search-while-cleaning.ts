import { check, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'

const queries = ['lock', 'session race', 'cache stampede', 'deadlock order']

const resultTtlMs = 20

/** Search results expire and are cleaned up all the time while they are asked for. */
export default scenario('search-while-cleaning', {
  target: mcp,
  source: 'mcp-thread-safety-insights: FR-2, pattern 2, issue 2 (cleanup of the search cache)',
  promise: 'A search finds its results whatever the cleanup of the cache does at that moment.',
  config: { resultTtlMs, reapEveryMs: 3 },
  async script({ crowd, random, sleep }) {
    const draws = Array.from({ length: crowd.size }, (_, index) => random.fork(index))
    await crowd.all(async (each, index) => {
      const draw = draws[index]!
      for (let turn = 0; turn < Math.min(12, crowd.size); turn++) {
        await each.search(draw.pick(queries))
        await sleep(draw.integer(0, 12))
      }
    })
    await crowd.all((each) => each.close())
  },
  checks: [
    check.doubleLoads({ ttlMs: { rag: resultTtlMs } }),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 30, seconds: 4, gate: false }, sim: { clients: 3 } },
})
