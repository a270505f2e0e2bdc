import { ReentrantLock } from '../sync/reentrant-lock.ts'
import { SharedSemaphore } from '../sync/shared-semaphore.ts'
import { DatasetCache } from './dataset-cache.ts'
import { JobRegistry } from './job-registry.ts'
import { JobTable } from './job-table.ts'
import { ServiceRegistry } from './service-registry.ts'
import { ServiceStatusManager } from './service-status-manager.ts'
import { StatusBoard } from './status-board.ts'
import { TestExecutionManager } from './test-execution-manager.ts'
import { TestRunner } from './test-runner.ts'
import { WorkerPool } from './worker-pool.ts'

/** The classes that a state server is made of. */
export const components = {
  ReentrantLock,
  SharedSemaphore,
  ServiceStatusManager,
  ServiceRegistry,
  TestExecutionManager,
  StatusBoard,
  TestRunner,
  JobTable,
  JobRegistry,
  DatasetCache,
  WorkerPool,
}

export type Components = typeof components
