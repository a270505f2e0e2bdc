import { check, type HistoryEvent, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'

const sessionsPerClient = 4
/** Long after its last request, a client counts as gone. */
const idleMs = 1000

/** Clients that want more sessions than they may have, and clients that vanish without a word. */
export default scenario('session-flood', {
  target: mcp,
  source: 'mcp-thread-safety-insights: S-1 (sessions are bounded, and released when their clients vanish)',
  promise: 'Who wants too many sessions is told so, and whoever vanishes takes its sessions along.',
  config: { sessionsPerClient, clientIdleMs: idleMs, sessionIdleMs: idleMs, reapEveryMs: 50 },
  async script({ client, crowd, unique, sleep }) {
    await crowd.attempt(async (each) => {
      for (let wanted = 0; wanted <= sessionsPerClient; wanted++) await each.startWorkflow(unique('session'))
    })
    // Half of them say goodbye, the others are never heard of again.
    await crowd.all(async (each, index) => {
      if (index % 2 === 0) await each.close()
    })
    await sleep(3 * idleMs)
    await client.clearSessionCache()
    await client.close()
  },
  checks: [
    check.bounds({
      refusals: { calls: ['startWorkflow'] },
      // On a slow machine, one may count as gone between two of its requests, and have as many once more.
      rates: [{ what: 'sessions of one client', counts: sessionStarted, most: sessionsPerClient, perMs: 0.8 * idleMs }],
    }),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 30, seconds: 4, gate: false }, sim: { clients: 2 } },
})

/** The client that a session was started for. */
function sessionStarted(event: HistoryEvent): string | null {
  return event.type === 'ok' && event.f === 'startWorkflow' ? event.client : null
}
