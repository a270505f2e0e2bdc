import { check, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'

/** Sessions are dropped from memory again and again while some agents join them and others pass their phases. */
export default scenario('sessions-reopened', {
  target: mcp,
  source: 'mcp-thread-safety-insights: issue 3 (deadlock by lock order), `clear_session_cache`',
  promise: 'Whoever brings a session back into memory and whoever changes it never wait for each other for ever.',
  async script({ client, crowd, unique }) {
    const workflow = unique('long-workflow')
    await client.updateMetadata(workflow, { title: 'More phases than anybody passes', phases: phases(4 * crowd.size) })
    const sessionId = unique('session')
    await client.startWorkflow(sessionId, workflow)
    for (let turn = 0; turn < 4; turn++) {
      await client.clearSessionCache()
      await crowd.all(async (each, index) => {
        if ((index + turn) % 2 === 0) await each.startWorkflow(sessionId, workflow)
        else await each.advance(sessionId)
      })
    }
    await client.clearSessionCache()
    await crowd.all((each) => each.close())
  },
  checks: [
    check.lockOrder(),
    check.oneInstance({ key: 'sessionId', instance: 'instance', cache: 'sessions', clear: 'clearSessionCache' }),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 30, seconds: 4, gate: false }, sim: { clients: 2 } },
})

function phases(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `phase-${index + 1}`)
}
