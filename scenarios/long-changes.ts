import { check, type HistoryEvent, scenario } from 'raceproof'
import { state } from '../reference-impl/state/target.ts'

const services = ['agent', 'bgpd', 'fsdb', 'fan', 'led', 'qsfp', 'sensor', 'wedge'] as const

const shownChanges = 2

/** Changes that take several turns of the event loop, with the lock held and entered again inside; and some are refused. */
export default scenario('long-changes', {
  target: state,
  source:
    'thread-safe-state-management: why RLock, common issues (deadlock), future enhancement 1; race-condition-bug-fix: AsyncThreadLock',
  promise:
    'A section belongs to one request at a time, which may enter it again and gives it back even when it is refused.',
  config: { maxServices: services.length, shownChanges },
  async script({ client, crowd }) {
    await client.updateServices(Object.fromEntries(services.map((name) => [name, false])))
    await crowd.attempt<unknown>(async (each, index) => {
      if (index % 4 === 1) await each.updateServices({ 'one-too-many': true })
      if (index % 4 === 2) await each.activity()
      await each.toggleServices(services)
    })
    await client.activity()
  },
  checks: [
    check.bounds({ sizes: [{ what: 'the changes that are shown', size: changesShown, most: shownChanges }] }),
    check.mutualExclusion(),
    check.lockOrder(),
    check.progress(),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { live: { clients: 16, seconds: 4, gate: false }, sim: { clients: 4 } },
})

function changesShown(event: HistoryEvent): number | undefined {
  if (event.type !== 'ok' || event.f !== 'activity') return undefined
  return (event.output as { changes: readonly unknown[] }).changes.length
}
