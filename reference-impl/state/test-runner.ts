import { Refusal } from './refusal.ts'
import type { TestExecutionManager, TestStart, TestState } from './test-execution-manager.ts'
import { type RunningTest, TestProcess } from './test-process.ts'

export type TestRequest = Omit<TestStart, 'pid'>

export interface TestRunnerOptions {
  tests: TestExecutionManager
  /** The program that plays a test, with its arguments; TEST_SCRIPT, TEST_BIN and TEST_TOPOLOGY are in its environment. */
  command: readonly string[]
  /** How long a test may take to end when it is asked to, before it is killed. */
  graceMs: number
}

/**
 * Runs the one test that may run at a time, as a process. What is running is decided by the manager, in one step each;
 * processes are started and ended outside its lock, and every later step names the execution that it is about.
 */
export class TestRunner {
  protected readonly options: TestRunnerOptions
  protected readonly processes = new Map<number, RunningTest>()
  #closing = false

  constructor(options: TestRunnerOptions) {
    this.options = options
  }

  /** Starts a test. Refuses (409) when one is running, or when it was stopped before it ran. */
  async start(request: TestRequest): Promise<TestState> {
    if (this.#closing) throw new Refusal(503, 'the server is shutting down', 1)
    const { tests } = this.options
    const execution = await this.claim(request)
    if (execution === null) throw new Refusal(409, 'a test is running already; stop it first')
    const process = this.launch(execution, request)
    const pid = await process.started()
    const state = await tests.run(() => (tests.updateState({ pid }, execution) ? tests.getState() : null))
    if (state !== null) return state
    await this.end(process)
    throw new Refusal(409, 'the test was stopped while it was starting')
  }

  /** Stops the running test, waits until its process is gone, and returns what was stopped. Refuses (409) when none runs. */
  async stop(): Promise<TestState> {
    const { tests } = this.options
    const state = await tests.run(() => tests.stopTest())
    if (state === null) throw new Refusal(409, 'no test is running')
    await this.ended(state)
    return state
  }

  /** Ends the process of a test that was stopped, and waits until it is gone. */
  async ended({ execution }: TestState): Promise<void> {
    const process = this.processes.get(execution)
    if (process !== undefined) await this.end(process)
  }

  status(): Promise<TestState> {
    const { tests } = this.options
    return tests.run(() => tests.getState())
  }

  /** Starts no more tests, and ends what is running. */
  async close(): Promise<void> {
    this.#closing = true
    const { tests } = this.options
    await tests.run(() => tests.stopTest())
    await Promise.all([...this.processes.values()].map((process) => this.end(process)))
  }

  /** Takes the one place for a running test; null when it is taken. */
  protected claim(request: TestRequest): Promise<number | null> {
    const { tests } = this.options
    return tests.run(() => tests.startTest({ ...request, pid: null }))
  }

  protected launch(execution: number, request: TestRequest): RunningTest {
    const process = this.spawn(execution, request)
    this.processes.set(execution, process)
    void process.gone().then(() => this.#forget(process))
    return process
  }

  protected spawn(execution: number, { script, bin, topology }: TestRequest): RunningTest {
    const environment = { TEST_SCRIPT: script, TEST_BIN: bin, TEST_TOPOLOGY: topology }
    return new TestProcess(execution, this.options.command, environment)
  }

  /** The process is gone: if its test still counts as running, it has ended by itself, or was never started. */
  async #forget({ execution }: RunningTest): Promise<void> {
    const { tests } = this.options
    this.processes.delete(execution)
    await tests.run(() => tests.stopTest(execution))
  }

  protected end(process: RunningTest): Promise<void> {
    return process.end(this.options.graceMs)
  }
}
