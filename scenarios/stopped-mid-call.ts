import { check, fault, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'
import { asRevision, revisionModel } from '../reference-impl/mcp/target-revision-model.ts'

/** The server is told to stop while editors wait for each other. */
export default scenario('stopped-mid-call', {
  target: mcp,
  source: 'thread-safety-analysis, graceful shutdown; mcp-thread-safety-insights: FR-3 (metadata is edited live)',
  promise: 'A call that the server has taken up is answered or refused, though it is told to stop meanwhile.',
  async script({ crowd, hit, random, unique }) {
    // The pipe ends with the server, whose last answer may be in it: nobody can tell what was taken up.
    const editors = crowd.rest(1)
    await editors.all((each) => each.metadata())
    const editsBefore = random.integer(1, 2 * editors.size)
    let edits = 0
    let restart = () => {}
    await editors.attempt(async (each) => {
      // Until the server takes no more, which is a refusal; in an order in which it is never told to stop, they end by themselves.
      for (let edit = 0; edit < 24; edit++) {
        await each.updateMetadata('incident', { title: unique('title') })
        // By now everybody waits for the one that edits.
        if (++edits === editsBefore) restart = hit(fault.kill({ signal: 'SIGTERM' }))
      }
    })
    restart()
    await editors.all((each) => each.startAtLast(unique('session')))
    await editors.all((each) => each.metadata())
    await editors.all((each) => each.close())
  },
  checks: [
    check.linearizable({ model: revisionModel, translate: asRevision }),
    check.identity(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 24, seconds: 4, rounds: 3, gate: false }, sim: { clients: 3 } },
})
