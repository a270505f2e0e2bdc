import { check, fault, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'

/** The server is killed while it changes sessions, and started again over what it left on disk. */
export default scenario('killed-lock-holder', {
  target: mcp,
  source: 'mcp-thread-safety-insights: constraint C-3 (StateManager file locks)',
  promise: 'A session can be changed again soon after the server was killed in the middle of a change.',
  async script({ crowd, hit, random, sleep, unique }) {
    // The first client speaks stdio, and has no server any more when its server is killed.
    const agents = crowd.rest(1)
    for (let turn = 0; turn < crowd.size >> 1; turn++) {
      // In a large crowd several sessions are changed at a time, so that a kill finds one of them in the middle.
      const sessionIds = Array.from({ length: Math.ceil(agents.size / 3) }, () => unique('session'))
      const changesBefore = random.integer(1, Math.max(1, Math.min(4, agents.size - 1)))
      let changes = 0
      // A phase that was passed when the answer got lost is passed again, and there may be none left.
      await agents.attempt(async (each, index) => {
        const sessionId = sessionIds[index % sessionIds.length]!
        await each.startAtLast(sessionId)
        await each.advanceAtLast(sessionId)
        if (++changes !== changesBefore) return
        // By now the others wait in line, and the first of each line is in the middle of its change.
        const restart = hit(fault.kill())
        await sleep(50)
        restart()
      })
    }
    // Whoever has not come back since the last kill has no session any more.
    await agents.attempt((each) => each.close())
  },
  checks: [check.progress(), check.identity(), check.leftovers({ growth: false }), check.serverErrors()],
  scale: { live: { clients: 12, seconds: 4, gate: false }, sim: { clients: 3 } },
})
