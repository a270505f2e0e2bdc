import { check, model, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import type { SharedObservedDict } from '../reference-impl/state/observed-dict.ts'
import type { ServiceStatusManager } from '../reference-impl/state/service-status-manager.ts'
import { state } from '../reference-impl/state/target.ts'

type Statuses = Readonly<Record<string, boolean | string>>

interface Services {
  update(statuses: Statuses): void
  list(input: null): Statuses
  /** What the client's last listing says when it is looked at again. */
  kept(input: null): Statuses
}

interface Known {
  readonly now: Statuses
  /** The last listing of each client. */
  readonly listed: Readonly<Record<string, Statuses>>
}

const services = model<Services, Known>({
  name: 'services',
  init: { now: { agent: false, bgpd: false }, listed: {} },
  byClient: true,
  apply: {
    update: ({ now, listed }, statuses) => [undefined, { now: { ...now, ...statuses }, listed }],
    list: ({ now, listed }, _, client) => [now, { now, listed: { ...listed, [client]: now } }],
    kept: (known, _, client) => [known.listed[client] as Statuses, known],
  },
})

/** A worker keeps a listing of the services and looks at it again, while another one changes them. */
export default threadScenario('copies-kept', {
  target: state,
  source: 'thread-safe-state-management: copy on read, safe iteration, ServiceStatusManager',
  promise: 'What a manager has answered stays what it was, whatever anybody changes afterwards.',
  setup: ({ parts }): SharedObservedDict => {
    const lock = new parts.ReentrantLock({ name: 'services', places: 4, lends: 1 })
    const initial = { agent: false, bgpd: false }
    return new parts.ServiceStatusManager({ initial, lock, capacityBytes: 512, historyLimit: 2 }).shared
  },
  threads: [
    { module: import.meta.url, run: 'lookTwice' },
    { module: import.meta.url, run: 'startServices' },
  ],
  checks: [
    check.linearizable({ model: services }),
    check.mutualExclusion(),
    check.lockOrder(),
    check.progress(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { schedules: 3_000 },
})

export function lookTwice(shared: SharedObservedDict, { parts, client }: ThreadContext<Components>): void {
  const manager = managerOver(shared, parts)
  const first = client.call('list', null, () => manager.getAllStatus())
  client.task('later').call('list', null, () => manager.getAllStatus())
  client.call('kept', null, () => ({ ...first }))
}

export function startServices(shared: SharedObservedDict, { parts, client }: ThreadContext<Components>): void {
  const manager = managerOver(shared, parts)
  const started = { agent: true, bgpd: true }
  client.call('update', started, () => manager.updateStatus(started))
}

function managerOver(
  shared: SharedObservedDict,
  { ReentrantLock, ServiceStatusManager }: Components,
): ServiceStatusManager {
  const lock = new ReentrantLock({ name: 'services', buffer: shared.state.lock })
  return new ServiceStatusManager({ shared, lock, historyLimit: 2 })
}
