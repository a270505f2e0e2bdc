import { check, type HistoryEvent, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'

/** An application watches a plan that was deleted, or that never was. Asking again does not bring it back. */
export default scenario('gone-for-good', {
  target: pipeline,
  source: 'sse-reliability-issues, issue 10 (which errors are worth another attempt)',
  promise: 'The client library takes a refusal for good as its answer, and tells the application at once.',
  async script({ client, crowd, unique }) {
    const deleted = await client.createPlan({ id: unique('plan'), lines: 3 })
    await client.deletePlan(deleted)
    const never = unique('plan')
    const unknown = { id: never, stream: `${never}#never` }
    await crowd.attempt((each, index) => each.watch(index % 2 ? unknown : deleted, { via: 'library' }))
  },
  checks: [
    check.bounds({
      rates: [
        { what: 'attempts to watch what is gone', counts: attemptOf, most: 1 },
        { what: 'things that were told of what is gone', counts: toldTo, most: 0 },
      ],
    }),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 20, seconds: 3, gate: false }, sim: { clients: 3 } },
})

/** Every attempt of a library to watch a plan, whichever way it takes. */
function attemptOf(event: HistoryEvent): string | null {
  if (event.type !== 'observe' || event.f !== 'subscribe' || !event.via.startsWith('library/')) return null
  return `${event.client} on ${event.stream}`
}

/** Whoever hears anything of a plan. */
function toldTo(event: HistoryEvent): string | null {
  return event.type === 'observe' && (event.f === 'event' || event.f === 'gap') ? event.client : null
}
