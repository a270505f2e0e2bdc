import { JobTable } from './job-table.ts'
import type { SharedObservedDict } from './observed-dict.ts'
import { ServiceStatusManager } from './service-status-manager.ts'
import { TestExecutionManager } from './test-execution-manager.ts'
import type { SharedDict } from './thread-safe-dict.ts'

/** What all threads of a server share. */
export interface SharedState {
  readonly services: ServiceStatusManager
  readonly tests: TestExecutionManager
  readonly simulations: JobTable
  readonly analyses: JobTable
}

/** The memory of it, as it is handed to a worker thread. */
export interface SharedStateMemory {
  readonly services: SharedObservedDict
  readonly tests: SharedObservedDict
  readonly simulations: SharedDict
  readonly analyses: SharedDict
}

export function memoryOf({ services, tests, simulations, analyses }: SharedState): SharedStateMemory {
  return {
    services: services.shared,
    tests: tests.shared,
    simulations: simulations.shared,
    analyses: analyses.shared,
  }
}

/** A thread's own objects over the shared memory. */
export function attach({ services, tests, simulations, analyses }: SharedStateMemory): SharedState {
  return {
    services: new ServiceStatusManager({ shared: services }),
    tests: new TestExecutionManager({ shared: tests }),
    simulations: new JobTable('simulation', { name: 'simulations', shared: simulations }),
    analyses: new JobTable('analysis', { name: 'analyses', shared: analyses }),
  }
}
