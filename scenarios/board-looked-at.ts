import { check, model, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import type { SharedObservedDict } from '../reference-impl/state/observed-dict.ts'
import type { ServiceStatusManager } from '../reference-impl/state/service-status-manager.ts'
import type { BoardState, StatusBoard } from '../reference-impl/state/status-board.ts'
import { state } from '../reference-impl/state/target.ts'
import type { TestExecutionManager } from '../reference-impl/state/test-execution-manager.ts'

interface Shared {
  readonly services: SharedObservedDict
  readonly tests: SharedObservedDict
}

interface Lamps {
  readonly agent: boolean
  readonly test: boolean
}

interface Board {
  startAgent(input: null): void
  startTest(input: null): void
  allDown(input: null): void
  show(input: null): Lamps
}

const board = model<Board, Lamps>({
  name: 'board',
  init: { agent: false, test: false },
  apply: {
    startAgent: (lamps) => [undefined, { ...lamps, agent: true }],
    startTest: (lamps) => [undefined, { ...lamps, test: true }],
    allDown: () => [undefined, { agent: false, test: false }],
    show: (lamps) => [lamps, lamps],
  },
})

/** One event loop brings all down while another one shows what runs; both start the test. */
export default threadScenario('board-looked-at', {
  target: state,
  source: 'thread-safe-state-management: common issues (deadlock)',
  promise: 'Whoever needs the locks of both managers takes them in one order, and sees both as of one moment.',
  setup({ parts }): Shared {
    const lock = (name: string) => new parts.ReentrantLock({ name, places: 4, lends: 0 })
    const initial = { agent: false }
    const small = { capacityBytes: 512, historyLimit: 1 }
    return {
      services: new parts.ServiceStatusManager({ initial, lock: lock('services'), ...small }).shared,
      tests: new parts.TestExecutionManager({ lock: lock('test-execution'), ...small }).shared,
    }
  },
  threads: [
    { module: import.meta.url, run: 'bringDown', canBlock: false },
    { module: import.meta.url, run: 'startAndLook', canBlock: false },
  ],
  checks: [
    check.linearizable({ model: board }),
    check.mutualExclusion(),
    check.lockOrder(),
    check.progress(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { schedules: 300 },
})

export async function bringDown(shared: Shared, context: ThreadContext<Components>): Promise<void> {
  const { services, tests, board } = over(shared, context)
  const { client } = context
  await client.call('startAgent', null, () => services.run(() => services.setStatus('agent', true)))
  await client.call('startTest', null, () => tests.run(() => void tests.startTest(test)))
  await client.call('allDown', null, async () => void (await board.allDown()))
}

export async function startAndLook(shared: Shared, context: ThreadContext<Components>): Promise<void> {
  const { tests, board } = over(shared, context)
  const { client } = context
  await client.call('startTest', null, () => tests.run(() => void tests.startTest(test)))
  for (let time = 0; time < 2; time++) {
    await client.call('show', null, async () => lampsOf(await board.show()))
  }
}

const test = { script: 'link_flap.sh', pid: 1, bin: 'sai_test', topology: 'mono' }

function lampsOf({ services, test }: BoardState): Lamps {
  return { agent: services.agent === true, test: test.running }
}

interface Managers {
  services: ServiceStatusManager
  tests: TestExecutionManager
  board: StatusBoard
}

function over(shared: Shared, { parts }: ThreadContext<Components>): Managers {
  const lock = (name: string, { state }: SharedObservedDict) => new parts.ReentrantLock({ name, buffer: state.lock })
  const services = new parts.ServiceStatusManager({
    shared: shared.services,
    lock: lock('services', shared.services),
    historyLimit: 1,
  })
  const tests = new parts.TestExecutionManager({
    shared: shared.tests,
    lock: lock('test-execution', shared.tests),
    historyLimit: 1,
  })
  return { services, tests, board: new parts.StatusBoard({ services, tests }) }
}
