import { check, type HistoryEvent, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'

/** Those that speak HTTP; the first client of the crowd speaks stdio. */
const clients = 2
const sessions = 3

/** More clients than the server takes, each with more workflow sessions than all of them may have together. */
export default scenario('more-clients-than-fit', {
  target: mcp,
  source: 'mcp-thread-safety-insights: S-1 (sessions are bounded)',
  promise: 'Past its caps, the server says that it is full, and takes somebody else as soon as one has left.',
  config: { clients, sessions },
  async script({ client, crowd, unique, step }) {
    await step('flood', () =>
      crowd.attempt(async (each) => {
        for (let wanted = 0; wanted < sessions; wanted++) await each.startWorkflow(unique('session'))
      }),
    )
    await crowd.all((each) => each.close())
    await client.clearSessionCache()
    // Somebody who may have been sent away finds room now.
    await crowd.rest(crowd.size - clients).all(async (each) => {
      await each.startWorkflow(unique('session'))
    })
    await client.clearSessionCache()
    await crowd.all((each) => each.close())
  },
  checks: [
    check.bounds({
      open: { 'mcp-session': clients },
      rates: [{ what: 'workflow sessions', counts: sessionStarted, most: sessions, step: 'flood' }],
      refusals: { calls: ['startWorkflow'] },
    }),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 24, seconds: 4, gate: false }, sim: { clients: 4 } },
})

/** Whoever started it, a session counts for its round, after which none is left. */
function sessionStarted(event: HistoryEvent): string | null {
  if (event.type !== 'ok' || event.f !== 'startWorkflow') return null
  const { sessionId } = event.output as { sessionId: string }
  return sessionId.split('-')[1] ?? null
}
