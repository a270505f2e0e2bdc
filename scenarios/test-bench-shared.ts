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

/** Two event loops start and stop tests on one bench at the same time, and one of them closes. */
export default threadScenario('test-bench-shared', {
  target: state,
  source: 'thread-safe-state-management: TestExecutionManager, `api_kill_test`, test execution start/stop',
  promise: 'At most one test runs, and a stop ends the test that it answers with, and no newer one.',
  setup({ parts }): SharedObservedDict {
    const lock = new parts.ReentrantLock({ name: 'test-execution', places: 4, lends: 0 })
    return new parts.TestExecutionManager({ lock, capacityBytes: 1024, historyLimit: 1 }).shared
  },
  threads: [
    { module: import.meta.url, run: 'startAndStop', canBlock: false },
    { module: import.meta.url, run: 'stopAndStart', canBlock: false },
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
  scale: { schedules: 300 },
})

export async function startAndStop(shared: SharedObservedDict, context: ThreadContext<Components>): Promise<void> {
  const runner = runnerOver(shared, context)
  await start(runner, context.client)
  await stop(runner, context.client)
  await context.client.call('status', null, () => runner.status())
}

export async function stopAndStart(shared: SharedObservedDict, context: ThreadContext<Components>): Promise<void> {
  const runner = runnerOver(shared, context)
  await stop(runner, context.client)
  await start(runner, context.client)
  await context.client.call('close', null, () => runner.close())
}

async function start(runner: TestRunner, client: ThreadClient): Promise<void> {
  await client.call('start', null, () => refusable(() => runner.start(request))).catch(unlessRefused)
}

async function stop(runner: TestRunner, client: ThreadClient): Promise<void> {
  await client.call('stop', null, () => refusable(() => runner.stop())).catch(unlessRefused)
}

function runnerOver(shared: SharedObservedDict, context: ThreadContext<Components>): TestRunner {
  const Runner = withoutProcesses(context.parts.TestRunner)
  return new Runner({ tests: managerOver(shared, context), command: [], graceMs: 0 })
}

function managerOver(shared: SharedObservedDict, { parts }: ThreadContext<Components>): TestExecutionManager {
  const lock = new parts.ReentrantLock({ name: 'test-execution', buffer: shared.state.lock })
  return new parts.TestExecutionManager({ shared, lock, historyLimit: 1 })
}
