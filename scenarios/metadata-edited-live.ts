import { type Call, check, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'

const thing = 'race-hunt'
const another = 'incident'

/** metadata.json is edited by two at once while everybody else reads it. */
export default scenario('metadata-edited-live', {
  target: mcp,
  source: 'mcp-thread-safety-insights: FR-3 and story 3 (metadata is read anew on every load)',
  promise:
    'An edit of the metadata is seen by every read that begins after it, whoever edits something else, and nobody ever ' +
    'sees half of one.',
  async script({ client, crowd, unique }) {
    const titles = Array.from({ length: Math.min(8, crowd.size) }, () =>
      unique(`${'a title that takes some room '.repeat(40)}`),
    )
    await crowd.all(async (each, index) => {
      for (const title of titles) {
        if (index === 0) await each.updateMetadata(thing, { title })
        else if (index === 1) await each.updateMetadata(another, { title })
        else await each.metadata()
      }
    })
    await client.metadata()
    await crowd.all((each) => each.close())
  },
  checks: [
    check.freshness({ access: titleAccess }),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 30, seconds: 4, gate: false }, sim: { clients: 3 } },
})

/** What a call did with the title: set it, or showed it. */
function titleAccess({ f, input, outcome }: Call) {
  const { workflow, title } = input as { workflow: string; title: string }
  if (f === 'updateMetadata') return workflow === thing ? { thing, wrote: title } : null
  if (f !== 'metadata' || outcome.type !== 'ok') return null
  const { workflows } = outcome.output as { workflows: Record<string, { title: string }> }
  return { thing, saw: workflows[thing]?.title }
}
