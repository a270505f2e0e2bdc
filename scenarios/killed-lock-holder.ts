import { check, fault, nemesis, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'

/** A simulated storm has come to its end before the second one; a real one is still going on, and hits late or in between. */
const killsAt = [10, 2_200, 4_600, 7_000]

/** The server is killed while it changes sessions, and started again over what it left on disk. */
export default scenario('killed-lock-holder', {
  target: mcp,
  source: 'mcp-thread-safety-insights: constraint C-3 (StateManager file locks)',
  promise: 'A session can be changed again soon after the server was killed in the middle of a change.',
  async script({ crowd, random, sleep, unique }) {
    // The first client speaks stdio, and has no server any more when its server is killed.
    const agents = crowd.rest(1)
    const draws = Array.from({ length: crowd.size }, (_, index) => random.fork(index))
    for (let turn = 0; turn < (crowd.size ** 2) >> 2; turn++) {
      const sessionId = unique('session')
      // A phase that was passed when the answer got lost is passed again, and there may be none left.
      await agents.attempt(async (each, index) => {
        await sleep(draws[index]!.integer(0, 6))
        await each.startAtLast(sessionId)
        await each.advanceAtLast(sessionId)
      })
    }
    // Whoever has not come back since the last kill has no session any more.
    await agents.attempt((each) => each.close())
  },
  faults: killsAt.map((fromMs) => nemesis(fault.kill(), { fromMs, untilMs: fromMs + 50 })),
  checks: [check.progress(), check.identity(), check.leftovers({ growth: false }), check.serverErrors()],
  scale: { live: { clients: 12, seconds: 4, gate: false }, sim: { clients: 3 } },
})
