import { check, model, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import type { SharedObservedDict } from '../reference-impl/state/observed-dict.ts'
import type { ServiceStatusManager } from '../reference-impl/state/service-status-manager.ts'
import { state } from '../reference-impl/state/target.ts'

interface Shared {
  readonly services: SharedObservedDict
  readonly activity: SharedArrayBuffer
  readonly changes: SharedArrayBuffer
}

interface Services {
  update(status: boolean): void
  show(input: null): boolean
  /** How many changes there were. */
  count(input: null): number
}

interface Known {
  readonly status: boolean
  readonly changes: number
}

const agent = model<Services, Known>({
  name: 'agent',
  init: { status: false, changes: 0 },
  apply: {
    update: ({ changes }, status) => [undefined, { status, changes: changes + 1 }],
    show: (known) => [known.status, known],
    count: (known) => [known.changes, known],
  },
})

/** A listener notes each change under a lock of its own, which the screen takes before it looks at the services. */
export default threadScenario('listener-with-a-lock', {
  target: state,
  source: 'thread-safe-state-management: common issues (deadlock), future enhancements (change notifications)',
  promise: 'Listeners hear of a change when its lock has been let go, and may take any lock of their own.',
  setup: ({ parts }): Shared => {
    const lock = new parts.ReentrantLock({ name: 'services', places: 4, lends: 1 })
    const initial = { agent: false }
    return {
      services: new parts.ServiceStatusManager({ initial, lock, capacityBytes: 512, historyLimit: 2 }).shared,
      activity: new parts.ReentrantLock({ name: 'activity', places: 4, lends: 1 }).buffer,
      changes: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
    }
  },
  threads: [
    { module: import.meta.url, run: 'startAgent' },
    { module: import.meta.url, run: 'showActivity' },
  ],
  // A manager that catches what its listeners throw must not catch what suspends a thread; rewritten code does not.
  plainAccesses: true,
  checks: [
    check.linearizable({ model: agent }),
    check.mutualExclusion(),
    check.lockOrder(),
    check.progress(),
    check.leftovers(),
    check.serverErrors(),
  ],
})

export function startAgent(shared: Shared, { parts, client }: ThreadContext<Components>): void {
  const manager = managerOver(shared, parts)
  const activity = new parts.ReentrantLock({ name: 'activity', buffer: shared.activity })
  const changes = new Int32Array(shared.changes)
  manager.onChange(() => activity.runSync(() => Atomics.add(changes, 0, 1)))
  client.call('update', true, () => manager.updateStatus({ agent: true }))
}

export function showActivity(shared: Shared, { parts, client }: ThreadContext<Components>): void {
  const manager = managerOver(shared, parts)
  const activity = new parts.ReentrantLock({ name: 'activity', buffer: shared.activity })
  client.call('show', null, () => activity.runSync(() => manager.isServiceRunning('agent')))
  client.call('count', null, () => manager.counts.writes)
}

function managerOver({ services: shared }: Shared, parts: Components): ServiceStatusManager {
  const lock = new parts.ReentrantLock({ name: 'services', buffer: shared.state.lock })
  return new parts.ServiceStatusManager({ shared, lock, historyLimit: 2 })
}
