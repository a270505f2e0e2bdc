import { check, model, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import type { SharedObservedDict } from '../reference-impl/state/observed-dict.ts'
import type { ServiceStatusManager } from '../reference-impl/state/service-status-manager.ts'
import { state } from '../reference-impl/state/target.ts'

interface Services {
  set(service: string): void
  history(input: null): number
}

/** How many changes there were: each is in the history, under a number of its own. */
const changes = model<Services, number>({
  name: 'changes',
  init: 0,
  readOnly: ({ f }) => f === 'history',
  apply: {
    set: (count) => [undefined, count + 1],
    history: (count) => [count, count],
  },
})

/** Two worker threads each change a service, without a word to each other. */
export default threadScenario('changes-of-two-threads', {
  target: state,
  source: 'thread-safe-state-management: concurrency tests (threads that write at once)',
  promise: 'Every change is in the history once, whichever thread made it.',
  setup({ parts }): SharedObservedDict {
    const lock = new parts.ReentrantLock({ name: 'services', places: 4, lends: 0 })
    return new parts.ServiceStatusManager({ initial: {}, lock, capacityBytes: 512, historyLimit: 4 }).shared
  },
  threads: [
    { module: import.meta.url, run: 'setAgent' },
    { module: import.meta.url, run: 'setRouter' },
  ],
  final(shared, { parts, client }) {
    client.call('history', null, () => managerOver(shared, parts).history().length)
  },
  checks: [
    check.linearizable({ model: changes }),
    check.mutualExclusion(),
    check.progress(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { schedules: 1_000 },
})

export function setAgent(shared: SharedObservedDict, { parts, client }: ThreadContext<Components>): void {
  client.call('set', 'agent', () => managerOver(shared, parts).setStatus('agent', true))
}

export function setRouter(shared: SharedObservedDict, { parts, client }: ThreadContext<Components>): void {
  client.call('set', 'router', () => managerOver(shared, parts).setStatus('router', true))
}

function managerOver(shared: SharedObservedDict, parts: Components): ServiceStatusManager {
  const lock = new parts.ReentrantLock({ name: 'services', buffer: shared.state.lock })
  return new parts.ServiceStatusManager({ shared, lock })
}
