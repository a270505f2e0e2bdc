import type { ThreadBody } from '../../../../harness/threads/replay-fibers.ts'
import { type Program, promise, times } from '../program.ts'

/** Workers compute in phases; the main thread reads the results without waiting for the last one. */
function phases(name: string, workers: number, steps: number): Program {
  return {
    name: `Splash2/${name}`,
    words: 2 + workers,
    mutexes: 1,
    start({ memory, mutexes: [mutex] }) {
      const [arrived, results] = [0, 1]
      const worker =
        (self: number): ThreadBody =>
        (thread) => {
          thread.lock(mutex!)
          thread.store(memory, arrived, thread.load(memory, arrived) + 1)
          thread.unlock(mutex!)
          for (let step = 1; step <= steps; step++) thread.store(memory, results + self, step)
        }
      const main: ThreadBody = (thread) => {
        thread.lock(mutex!)
        thread.load(memory, arrived)
        thread.unlock(mutex!)
        for (let self = 0; self < workers; self++) {
          promise(thread.load(memory, results + self) === steps, 'the results are complete')
        }
      }
      return { threads: [...Array.from({ length: workers }, (_, self) => worker(self)), ...times(1, main)] }
    },
  }
}

export const programs: readonly Program[] = [phases('barnes', 1, 12), phases('fft', 1, 6), phases('lu', 1, 4)]
