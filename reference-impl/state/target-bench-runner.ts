import type { RunningTest } from './test-process.ts'
import type { TestRunner } from './test-runner.ts'
import { turn } from './turn.ts'

/**
 * The same runner for a world without processes: a test takes a turn of the event loop to start and another one to end, and
 * runs until it is ended.
 */
export function withoutProcesses(Runner: typeof TestRunner): typeof TestRunner {
  return class extends Runner {
    protected override spawn(execution: number): RunningTest {
      return new BenchTest(execution)
    }
  }
}

class BenchTest implements RunningTest {
  readonly execution: number
  readonly #gone: Promise<void>
  #leave: () => void = () => {}

  constructor(execution: number) {
    this.execution = execution
    this.#gone = new Promise((resolve) => {
      this.#leave = resolve
    })
  }

  async started(): Promise<number> {
    await turn()
    return this.execution
  }

  gone(): Promise<void> {
    return this.#gone
  }

  async end(): Promise<void> {
    await turn()
    this.#leave()
    await this.#gone
  }
}
