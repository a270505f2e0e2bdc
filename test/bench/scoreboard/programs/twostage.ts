import type { Mutex } from '../../../../harness/threads/engine.ts'
import type { ThreadActions, ThreadBody } from '../../../../harness/threads/replay-fibers.ts'
import { type Program, promise, type Shared, times } from '../program.ts'

const first = 0
const second = 1

/** The second word follows the first in a critical section of its own; a reader can come between the two. */
function twostage(name: string, writers: number, readers: number): Program {
  return {
    name: `CS/${name}`,
    words: 2,
    mutexes: 2,
    start: (shared) => ({ threads: [...times(writers, writer(shared)), ...times(readers, reader(shared))] }),
  }
}

function writer({ memory, mutexes: [one, two] }: Shared): ThreadBody {
  return (thread) => {
    guarded(thread, one!, () => thread.store(memory, first, 1))
    guarded(thread, two!, () => thread.store(memory, second, thread.load(memory, first) + 1))
  }
}

function reader({ memory, mutexes: [one, two] }: Shared): ThreadBody {
  return (thread) => {
    const seen = guarded(thread, one!, () => thread.load(memory, first))
    if (seen === 0) return
    const followed = guarded(thread, two!, () => thread.load(memory, second))
    promise(followed === seen + 1, 'the second word follows the first')
  }
}

function guarded<T>(thread: ThreadActions, mutex: Mutex, run: () => T): T {
  thread.lock(mutex)
  const result = run()
  thread.unlock(mutex)
  return result
}

export const programs: readonly Program[] = [
  twostage('twostage', 1, 1),
  twostage('twostage_20', 10, 10),
  twostage('twostage_50', 40, 10),
  twostage('twostage_100', 99, 1),
]
