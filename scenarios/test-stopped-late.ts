import { check, model, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import type { SharedObservedDict } from '../reference-impl/state/observed-dict.ts'
import { state } from '../reference-impl/state/target.ts'
import type { TestExecutionManager } from '../reference-impl/state/test-execution-manager.ts'

/** All of them answer with the number of an execution, or null where nothing was to be done. */
interface Tests {
  start(script: string): number | null
  /** Stops whatever runs. */
  stop(input: null): number | null
  /** Says which process runs an execution. */
  runs(test: { execution: number; pid: number }): number | null
  /** Tells that an execution has ended. */
  ended(execution: number): number | null
  /** The process that runs. */
  look(input: null): number | null
}

interface Known {
  readonly execution: number
  readonly running: boolean
  readonly pid: number | null
}

const tests = model<Tests, Known>({
  name: 'test-execution',
  init: { execution: 0, running: false, pid: null },
  apply: {
    start: (known) => (known.running ? [null, known] : [known.execution + 1, begun(known.execution + 1)]),
    stop: (known) => (known.running ? [known.execution, over(known)] : [null, known]),
    runs: (known, { execution, pid }) => (isIt(known, execution) ? [pid, { ...known, pid }] : [null, known]),
    ended: (known, execution) => (isIt(known, execution) ? [execution, over(known)] : [null, known]),
    look: (known) => [known.pid, known],
  },
})

function begun(execution: number): Known {
  return { execution, running: true, pid: null }
}

function over({ execution }: Known): Known {
  return { execution, running: false, pid: null }
}

function isIt({ running, execution }: Known, which: number): boolean {
  return running && execution === which
}

const pid = 4711

/** A worker tells late which process its test has, and that its test has ended, when somebody has stopped that test and started the next one. */
export default threadScenario('test-stopped-late', {
  target: state,
  source: 'thread-safe-state-management: TestExecutionManager, `api_kill_test`',
  promise: 'At most one test runs, and whoever ends a test ends that one and no newer one.',
  setup: ({ parts }): SharedObservedDict => {
    const lock = new parts.ReentrantLock({ name: 'test-execution', places: 4, lends: 1 })
    return new parts.TestExecutionManager({ lock, capacityBytes: 1024, historyLimit: 1 }).shared
  },
  threads: [
    { module: import.meta.url, run: 'runToItsEnd' },
    { module: import.meta.url, run: 'stopAndStartAnother' },
  ],
  final(shared, { parts, client }) {
    client.call('look', null, () => managerOver(shared, parts).getPid())
  },
  checks: [
    check.linearizable({ model: tests }),
    check.mutualExclusion(),
    check.lockOrder(),
    check.progress(),
    check.leftovers(),
    check.serverErrors(),
  ],
})

export function runToItsEnd(shared: SharedObservedDict, { parts, client }: ThreadContext<Components>): void {
  const manager = managerOver(shared, parts)
  const execution = client.call('start', 'link_flap.sh', () => manager.startTest(testOf('link_flap.sh')))
  if (execution === null) return
  client.call('runs', { execution, pid }, () => (manager.updateState({ pid }, execution) ? pid : null))
  client.call('ended', execution, () => manager.stopTest(execution)?.execution ?? null)
}

export function stopAndStartAnother(shared: SharedObservedDict, { parts, client }: ThreadContext<Components>): void {
  const manager = managerOver(shared, parts)
  client.call('stop', null, () => manager.stopTest()?.execution ?? null)
  client.call('start', 'reboot.sh', () => manager.startTest(testOf('reboot.sh')))
}

function testOf(script: string) {
  return { script, pid: null, bin: 'sai', topology: 'mono' }
}

function managerOver(shared: SharedObservedDict, parts: Components): TestExecutionManager {
  const lock = new parts.ReentrantLock({ name: 'test-execution', buffer: shared.state.lock })
  return new parts.TestExecutionManager({ shared, lock, historyLimit: 1 })
}
