import type { ThreadBody } from '../../../../harness/threads/replay-fibers.ts'
import { type Program, promise } from '../program.ts'

/** A driver checks that it is not being stopped, and only then counts itself in. */
const bluetooth: Program = {
  name: 'CS/bluetooth_driver',
  words: 4,
  mutexes: 0,
  start({ memory }) {
    const [stopping, pending, drained, stopped] = [0, 1, 2, 3]
    memory[pending] = 1
    const leave: ThreadBody = (thread) => {
      if (thread.add(memory, pending, -1) === 1) thread.store(memory, drained, 1)
    }
    const worker: ThreadBody = (thread) => {
      if (thread.load(memory, stopping) === 1) return
      thread.add(memory, pending, 1)
      promise(thread.load(memory, stopped) === 0, 'no request runs on a stopped driver')
      leave(thread)
    }
    const stopper: ThreadBody = (thread) => {
      thread.store(memory, stopping, 1)
      leave(thread)
      if (thread.load(memory, drained) === 1) thread.store(memory, stopped, 1)
    }
    return { threads: [worker, stopper] }
  },
}

export const programs: readonly Program[] = [bluetooth]
