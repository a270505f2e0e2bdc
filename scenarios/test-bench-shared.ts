import { check, type ThreadClient, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import type { SharedObservedDict } from '../reference-impl/state/observed-dict.ts'
import { state } from '../reference-impl/state/target.ts'
import { withoutProcesses } from '../reference-impl/state/target-bench-runner.ts'
import { testModel } from '../reference-impl/state/target-test-model.ts'
import { refusable, unlessRefused } from '../reference-impl/state/target-thread-calls.ts'
import type { TestExecutionManager } from '../reference-impl/state/test-execution-manager.ts'
import type { TestRunner } from '../reference-impl/state/test-runner.ts'

const request = { script: 'link_flap.sh', bin: 'sai_test', topology: 'mono' }

/** Two people start and stop tests on one bench at the same time, while a worker thread looks at what runs. */
export default threadScenario('test-bench-shared', {
  target: state,
  source: 'thread-safe-state-management: TestExecutionManager, `api_kill_test`, test execution start/stop',
  promise: 'At most one test runs, and a stop ends the test that it answers with, and no newer one.',
  setup({ parts }): SharedObservedDict {
    const lock = new parts.ReentrantLock({ name: 'test-execution', places: 4, lends: 0 })
    return new parts.TestExecutionManager({ lock, capacityBytes: 1024, historyLimit: 1 }).shared
  },
  threads: [
    { module: import.meta.url, run: 'serve' },
    { module: import.meta.url, run: 'look' },
  ],
  final(shared, context) {
    context.client.call('status', null, () => managerOver(shared, context).getState())
  },
  checks: [
    check.linearizable({ model: testModel }),
    check.mutualExclusion(),
    check.lockOrder(),
    check.progress(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { schedules: 3_000 },
})

export async function serve(shared: SharedObservedDict, context: ThreadContext<Components>): Promise<void> {
  const Runner = withoutProcesses(context.parts.TestRunner)
  const runner = new Runner({ tests: managerOver(shared, context), command: [], graceMs: 0 })
  await Promise.all([startAndStop(runner, context.client.task('a')), startAndStop(runner, context.client.task('b'))])
}

export function look(shared: SharedObservedDict, context: ThreadContext<Components>): void {
  const manager = managerOver(shared, context)
  context.client.call('status', null, () => manager.getState())
}

async function startAndStop(runner: TestRunner, client: ThreadClient): Promise<void> {
  await client.call('start', null, () => refusable(() => runner.start(request))).catch(unlessRefused)
  await client.call('stop', null, () => refusable(() => runner.stop())).catch(unlessRefused)
}

function managerOver(shared: SharedObservedDict, { parts }: ThreadContext<Components>): TestExecutionManager {
  const lock = new parts.ReentrantLock({ name: 'test-execution', buffer: shared.state.lock })
  return new parts.TestExecutionManager({ shared, lock, historyLimit: 1 })
}
