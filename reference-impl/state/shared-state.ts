import { ReentrantLock } from '../sync/reentrant-lock.ts'
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
    simulations: simulations.share(),
    analyses: analyses.share(),
  }
}

/** The classes that the shared state is kept with. */
export const sharedStateParts = { ReentrantLock, ServiceStatusManager, TestExecutionManager, JobTable }

export type SharedStateParts = typeof sharedStateParts

/** A thread's own objects over the shared memory. */
export function attach(memory: SharedStateMemory, parts: SharedStateParts = sharedStateParts): SharedState {
  const { services, tests, simulations, analyses } = memory
  const lock = (name: string, { lock: buffer }: SharedDict) => new parts.ReentrantLock({ name, buffer })
  const jobs = (machine: string, name: string, shared: SharedDict) =>
    new parts.JobTable(machine, { name, shared, lock: lock(name, shared) })
  return {
    services: new parts.ServiceStatusManager({ shared: services, lock: lock('services', services.state) }),
    tests: new parts.TestExecutionManager({ shared: tests, lock: lock('test-execution', tests.state) }),
    simulations: jobs('simulation', 'simulations', simulations),
    analyses: jobs('analysis', 'analyses', analyses),
  }
}
