import { check, scenario } from 'raceproof'
import { state } from '../reference-impl/state/target.ts'
import { asServices, serviceModel } from '../reference-impl/state/target-service-model.ts'

const services = ['agent', 'bgpd', 'fsdb', 'fan', 'led', 'qsfp', 'sensor', 'wedge'] as const
const all = (status: boolean) => Object.fromEntries(services.map((name) => [name, status]))

/** Operators set and turn over many services at once, while others look at the list of all. */
export default scenario('services-at-once', {
  target: state,
  source:
    'thread-safe-state-management: issues with non-thread-safe state (partial updates, lost updates), safe iteration, copy on read',
  promise: 'A change of several services is one step: nobody sees half of it, and no change of another is lost.',
  async script({ client, crowd, random }) {
    await client.updateServices(all(false))
    const draws = Array.from({ length: crowd.size }, (_, index) => random.fork(index))
    await crowd.attempt(async (each, index) => {
      const draw = draws[index]!
      if (index % 4 === 0) await each.toggleServices([draw.pick(services), 'wedge'])
      else if (index % 4 === 1) await each.updateServices(all(draw.chance(0.7)))
      else await each.services()
    })
    await crowd.attempt(async (each, index) => {
      if (index % 4 === 0) await each.toggleServices(['agent', 'wedge'])
      else if (index % 4 === 1) await each.updateServices(all(true))
      else if (index % 4 === 2) await each.service('agent')
      else await each.toggleServices(['wedge'])
    })
    await client.services()
    await client.service('nobody').catch(() => {})
  },
  checks: [
    check.linearizable({ model: serviceModel, translate: asServices }),
    check.progress(),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { live: { clients: 24, seconds: 4, gate: false }, sim: { clients: 4 } },
})
