import { check, type HistoryEvent, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'
import { asSession, sessionModel } from '../reference-impl/mcp/target-session-model.ts'

/** Many agents work on the same few workflow sessions, whose state is a file each. */
export default scenario('shared-session-state', {
  target: mcp,
  source: 'mcp-thread-safety-insights: constraint C-3 (StateManager file locks), story 1',
  promise: 'However many clients pass the phases of a session at once, each phase is passed once and none is lost.',
  async script({ client, crowd, random, unique }) {
    const workflow = unique('long-workflow')
    await client.updateMetadata(workflow, {
      title: 'As many phases as anybody could pass',
      phases: phases(4 * crowd.size),
    })
    const sessionIds = Array.from({ length: Math.max(1, crowd.size >> 3) }, () => unique('session'))
    const draws = Array.from({ length: crowd.size }, (_, index) => random.fork(index))
    await crowd.all(async (each, index) => {
      const draw = draws[index]!
      const sessionId = sessionIds[index % sessionIds.length]!
      await each.startWorkflow(sessionId, workflow)
      for (let turn = 0; turn < 4; turn++) {
        if (draw.chance(0.3)) await each.getSession(sessionId)
        else await each.advance(sessionId)
      }
    })
    await client.clearSessionCache()
    await crowd.all((each) => each.close())
  },
  checks: [
    check.linearizable({ model: sessionModel, translate: asSession }),
    // Within one process, all stand in one fair line, and the next one finds the file free.
    check.bounds({ rates: [{ what: 'waits for a lock file', counts: waitForFile, most: 0 }] }),
    check.oneInstance({ key: 'sessionId', instance: 'instance', cache: 'sessions' }),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 40, seconds: 5, gate: false }, sim: { clients: 2 } },
})

function waitForFile(event: HistoryEvent): string | null {
  if (event.type !== 'probe' || event.topic !== 'lock') return null
  return event.value.event === 'waiting' && event.value.shared === true ? 'everybody' : null
}

function phases(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `phase-${index + 1}`)
}
