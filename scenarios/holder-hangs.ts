import { check, fault, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'
import { asSession, sessionModel } from '../reference-impl/mcp/target-session-model.ts'

const lockTimeoutMs = 200
const hangsMs = 800

/** One of two processes over one state folder hangs, perhaps in the middle of a change, and goes on when the other is done. */
export default scenario('holder-hangs', {
  target: mcp,
  source: 'mcp-thread-safety-insights: constraint C-3 (StateManager file locks)',
  promise:
    'What a process holds that hangs is never taken from it, and others wait for it no longer than they are told to.',
  config: { lockTimeoutMs },
  processes: 2,
  async script({ client, crowd, hit, random, sleep, unique }) {
    const sessionId = unique('session')
    await crowd.all((each) => each.startWorkflow(sessionId))
    const changes: Promise<unknown>[] = []
    const working = crowd.on(1).attempt((each) => {
      const change = each.advance(sessionId)
      changes.push(change)
      return change
    })
    await Promise.any(changes)
    // The next one in line has begun, and comes farther with each look.
    for (let looks = random.integer(0, 3); looks > 0; looks--) await client.getSession(sessionId)
    const goOn = hit(fault.pause(), { process: 1 })
    await crowd.on(0).attempt((each) => each.advance(sessionId))
    await sleep(hangsMs)
    goOn()
    await working
    for (const process of [crowd.on(0), crowd.on(1)]) {
      await process.first(1).all((each) => each.getSession(sessionId))
      await process.first(1).all((each) => each.clearSessionCache())
    }
    await crowd.all((each) => each.close())
  },
  checks: [
    check.linearizable({ model: sessionModel, translate: asSession }),
    check.mutualExclusion(),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress({ withinMs: 4 * hangsMs }),
  ],
  scale: { sim: { clients: 4 } },
})
