import { check, model, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import { TableFull } from '../reference-impl/state/encoded-table.ts'
import { state } from '../reference-impl/state/target.ts'
import { type SharedDict, ThreadSafeDict } from '../reference-impl/state/thread-safe-dict.ts'

const name = 'visits'
const capacityBytes = 256

interface Visits {
  visit(page: string): void
  copy(input: null): Readonly<Record<string, number>>
  /** A visit of a page whose name is longer than there is room. */
  visitLong(input: null): 'full'
}

const visits = model<Visits, Readonly<Record<string, number>>>({
  name,
  init: { home: 0 },
  apply: {
    visit: (now, page) => [undefined, { ...now, [page]: (now[page] ?? 0) + 1 }],
    copy: (now) => [now, now],
    visitLong: (now) => ['full', now],
  },
})

/** Two workers count visits in one dictionary, each reading, adding and writing in one update; a third one asks for too much. */
export default threadScenario('visits-of-three', {
  target: state,
  source:
    'thread-safe-state-management: ThreadSafeDict (`update`, `copy`), issues with non-thread-safe state (lost updates)',
  promise:
    'An update that computes from what is there is one step, a copy shows one moment, and what does not fit changes nothing.',
  setup({ parts }): SharedDict {
    const lock = new parts.ReentrantLock({ name, places: 4, lends: 1 })
    return new ThreadSafeDict<number>({ name, initial: { home: 0 }, capacityBytes, lock }).shared
  },
  threads: [
    { module: import.meta.url, run: 'visit' },
    { module: import.meta.url, run: 'visit' },
    { module: import.meta.url, run: 'copy' },
  ],
  checks: [
    check.linearizable({ model: visits }),
    check.mutualExclusion(),
    check.progress(),
    check.leftovers(),
    check.serverErrors(),
  ],
})

export function visit(shared: SharedDict, { parts, client }: ThreadContext<Components>): void {
  const dict = dictOver(shared, parts)
  client.call('visit', 'home', () => dict.update(({ home = 0 }) => ({ home: home + 1 })))
}

export function copy(shared: SharedDict, { parts, client }: ThreadContext<Components>): void {
  const dict = dictOver(shared, parts)
  client.call('visitLong', null, () => visitLong(dict))
  client.call('copy', null, () => dict.copy())
}

function visitLong(dict: ThreadSafeDict<number>): string {
  try {
    dict.set('x'.repeat(capacityBytes), 1)
    return 'done'
  } catch (thrown) {
    if (thrown instanceof TableFull) return 'full'
    throw thrown
  }
}

function dictOver(shared: SharedDict, { ReentrantLock }: Components): ThreadSafeDict<number> {
  return new ThreadSafeDict({ name, shared, lock: new ReentrantLock({ name, buffer: shared.lock }) })
}
