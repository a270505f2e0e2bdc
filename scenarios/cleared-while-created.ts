import { check, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'

const workflow = 'race-hunt'
const phases = ['symptom', 'cause', 'proof']

/** Sessions are started, checkpoints loaded and everything cleared, all at the same time. */
export default scenario('cleared-while-created', {
  target: mcp,
  source: 'mcp-thread-safety-insights: components 1 and 3, pattern 1 (double-checked locking), `clear_session_cache`',
  promise: 'Whenever the sessions are cleared, all who ask afterwards share one that was created afterwards.',
  async script({ client, crowd, random, unique, sleep }) {
    await crowd.all((each) => each.metadata())
    for (const phase of phases.slice(0, Math.max(1, crowd.size >> 2))) {
      const sessionId = unique('session')
      const clearAfterMs = random.integer(-2, 8)
      await crowd.all(async (each, index) => {
        if (index === 1 && clearAfterMs > 0) await sleep(clearAfterMs)
        if (index === 1) await each.clearSessionCache()
        else if (index % 2 === 0) await each.startWorkflow(sessionId)
        else await each.loadCheckpoint(workflow, phase)
      })
      await crowd.all((each) => each.startWorkflow(sessionId))
      await client.clearSessionCache()
    }
    await crowd.all((each) => each.close())
  },
  checks: [
    check.oneInstance({ key: 'sessionId', instance: 'instance', cache: 'sessions', clear: 'clearSessionCache' }),
    check.doubleLoads(),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 40, seconds: 5, gate: false }, sim: { clients: 4 } },
})
