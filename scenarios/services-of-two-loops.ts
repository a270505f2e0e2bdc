import { check, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import type { SharedObservedDict } from '../reference-impl/state/observed-dict.ts'
import type { ServiceRegistry, Statuses } from '../reference-impl/state/service-registry.ts'
import { state } from '../reference-impl/state/target.ts'
import { serviceModel } from '../reference-impl/state/target-service-model.ts'

const initial: Statuses = { agent: 'off', bgpd: 'off' }

/** Two event loops share the services: one turns them over and looks at them, the other one sets them. */
export default threadScenario('services-of-two-loops', {
  target: state,
  source:
    'thread-safe-state-management: issues with non-thread-safe state (partial updates, lost updates), safe iteration, ServiceStatusManager',
  promise: 'A change of several services is one step in all threads: nobody sees half of it, and none is lost.',
  setup({ parts }): SharedObservedDict {
    const lock = new parts.ReentrantLock({ name: 'services', places: 4, lends: 0 })
    return new parts.ServiceStatusManager({ initial, lock, capacityBytes: 1024, historyLimit: 1 }).shared
  },
  threads: [
    { module: import.meta.url, run: 'turnOverAndList', canBlock: false },
    { module: import.meta.url, run: 'turnOverAndSet', canBlock: false },
  ],
  checks: [
    check.linearizable({ model: { ...serviceModel, init: initial } }),
    check.mutualExclusion(),
    check.lockOrder(),
    check.progress(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { schedules: 300 },
})

export async function turnOverAndList(shared: SharedObservedDict, context: ThreadContext<Components>): Promise<void> {
  const { client } = context
  const registry = registryOver(shared, context)
  await client.call('toggle', ['agent'], () => registry.toggle(['agent']))
  await client.call('list', null, () => registry.list())
  await client.call('get', 'bgpd', () => registry.get('bgpd'))
}

export async function turnOverAndSet(shared: SharedObservedDict, context: ThreadContext<Components>): Promise<void> {
  const { client } = context
  const registry = registryOver(shared, context)
  await client.call('toggle', ['agent'], () => registry.toggle(['agent']))
  const started = { agent: 'up', bgpd: 'up' }
  await client.call('update', started, () => registry.update(started))
}

function registryOver(shared: SharedObservedDict, { parts }: ThreadContext<Components>): ServiceRegistry {
  const lock = new parts.ReentrantLock({ name: 'services', buffer: shared.state.lock })
  const services = new parts.ServiceStatusManager({ shared, lock, historyLimit: 1 })
  return new parts.ServiceRegistry({ services, maxServices: 8 })
}
