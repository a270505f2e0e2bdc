import type { ReentrantLock } from '../sync/reentrant-lock.ts'
import { type Change, type ChangeListener, ObservedDict, type SharedObservedDict } from './observed-dict.ts'
import type { DictCounts } from './thread-safe-dict.ts'

/** What a test is started with. */
export interface TestStart {
  script: string
  /** The process that runs it; null while it is being started. */
  pid: number | null
  bin: string
  topology: string
}

/** The execution of the one test that may run at a time. */
export interface TestState {
  readonly running: boolean
  /** Numbers the executions: 1, 2, …; 0 before the first. A later one never has the number of an earlier one. */
  readonly execution: number
  readonly script: string | null
  readonly pid: number | null
  readonly bin: string | null
  readonly topology: string | null
}

type Field = TestState[keyof TestState]

const idle = { running: false, script: null, pid: null, bin: null, topology: null } as const

export interface TestExecutionOptions {
  /** The memory of a manager made before, in this thread or another. */
  shared?: SharedObservedDict
  /** The lock; one of its own when it is left out. */
  lock?: ReentrantLock
  historyLimit?: number
  /** How many bytes the state, and its history, may take. */
  capacityBytes?: number
}

/**
 * Which test is running, one instance for all threads. Each method decides and acts in one step, so that there is never
 * a second test, and a stop never touches a newer test than the one it is about. Synchronous, as a worker thread uses
 * it; an event loop calls its methods inside {@link run}.
 */
export class TestExecutionManager {
  readonly shared: SharedObservedDict
  protected readonly execution: ObservedDict<Field>

  constructor(options: TestExecutionOptions = {}) {
    const initial = { ...idle, execution: 0 }
    this.execution = new ObservedDict<Field>({ name: 'test-execution', initial, ...options })
    this.shared = this.execution.shared
  }

  /** Takes the manager's lock without blocking the thread; all that the section does with the manager is one step. */
  run<T>(section: () => T | Promise<T>): Promise<T> {
    return this.execution.lock.run(section)
  }

  /** Records that a test runs, and returns the number of its execution; null when one is running already. */
  startTest({ script, pid, bin, topology }: TestStart): number | null {
    return this.execution.lock.runSync(() => {
      const { running, execution } = this.getState()
      if (running) return null
      this.execution.change({ running: true, execution: execution + 1, script, pid, bin, topology })
      return execution + 1
    })
  }

  /**
   * Records that the running test has ended, and returns what it was; null when none is running. With a number, only
   * that execution is stopped: who learns late that a test has ended must not stop the next one.
   */
  stopTest(execution?: number): TestState | null {
    return this.execution.lock.runSync(() => {
      const state = this.getState()
      if (!state.running || (execution !== undefined && execution !== state.execution)) return null
      this.execution.change(idle)
      return state
    })
  }

  isRunning(): boolean {
    return this.execution.state.get('running') as boolean
  }

  /** The process of the running test; null when none is running, or it is being started. */
  getPid(): number | null {
    return this.execution.state.get('pid') as number | null
  }

  getScript(): string | null {
    return this.execution.state.get('script') as string | null
  }

  /** Everything, as of one moment. */
  getState(): TestState {
    return this.execution.state.copy() as unknown as TestState
  }

  /** Changes several fields of the running test at once; false when that execution is not running any more. */
  updateState(fields: Partial<TestStart>, execution?: number): boolean {
    return this.execution.lock.runSync(() => {
      const state = this.getState()
      if (!state.running || (execution !== undefined && execution !== state.execution)) return false
      this.execution.change(fields)
      return true
    })
  }

  /** Forgets the running test. The executions go on being numbered. */
  reset(): void {
    this.execution.change(idle)
  }

  /** The latest changes, oldest first. */
  history(): readonly Change<Field>[] {
    return this.execution.history()
  }

  /** Calls back, outside the lock, after every change that is made through this object; returns what ends it. */
  onChange(listener: ChangeListener<Field>): () => void {
    return this.execution.onChange(listener)
  }

  get counts(): Readonly<DictCounts> {
    return this.execution.state.counts
  }
}
