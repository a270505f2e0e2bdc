import { check, fault, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'
import { asRevision, revisionModel } from '../reference-impl/mcp/target-revision-model.ts'

/** JSON-RPC's code for an error of the server, such as one of its disk. */
const internalError = -32603

/** The disk does not take new versions of metadata.json, and not even lets go of what it took of them, until it is repaired. */
export default scenario('edits-not-stored', {
  target: mcp,
  source:
    'mcp-thread-safety-insights: FR-3 (metadata is edited live); sse-reliability-issues, issue 4 (swallowed errors)',
  promise:
    'An edit that cannot be stored is told to fail and changes nothing, and the next one finds everything as it was.',
  async script({ crowd, hit, unique }) {
    const repair = hit(fault.fsError({ code: 'EIO', path: 'metadata.json.next' }))
    await crowd.attempt(async (each) => {
      await each.metadata()
      await each.updateMetadata('incident', { title: unique('title') })
    })
    repair()
    await crowd.all(async (each) => {
      await each.updateMetadata('incident', { title: unique('title') })
      await each.metadata()
    })
    await crowd.all((each) => each.close())
  },
  checks: [
    check.serverErrors({ refusals: [internalError], expected: [/EIO/] }),
    check.linearizable({ model: revisionModel, translate: asRevision }),
    check.identity(),
    check.leftovers(),
    check.progress(),
  ],
  scale: { sim: { clients: 2 } },
})
