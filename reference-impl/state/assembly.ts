import { ActivityLog } from './activity-log.ts'
import type { Components } from './components.ts'
import type { StateConfig } from './config.ts'
import type { DatasetCache } from './dataset-cache.ts'
import type { JobSpec } from './job.ts'
import type { JobRegistry } from './job-registry.ts'
import type { JobRecord } from './job-table.ts'
import type { ServiceRegistry } from './service-registry.ts'
import { memoryOf, type SharedState } from './shared-state.ts'
import type { StatusBoard } from './status-board.ts'
import type { TestRunner } from './test-runner.ts'
import type { ThreadPartsSource } from './worker-message.ts'
import type { WorkerPool } from './worker-pool.ts'

/** A state server's components, joined. */
export interface Assembly {
  readonly services: ServiceRegistry
  readonly activity: ActivityLog
  readonly testRunner: TestRunner
  readonly board: StatusBoard
  readonly simulations: JobRegistry
  readonly analyses: JobRegistry
  readonly datasets: DatasetCache
  readonly pool: WorkerPool
}

/** Makes and joins the components. Nothing runs yet. `threadParts` says where worker threads find other parts than usual. */
export function assemble(parts: Components, config: StateConfig, threadParts: ThreadPartsSource | null): Assembly {
  const state = shareState(parts, config)
  const pool = new parts.WorkerPool(memoryOf(state), parts, threadParts)
  const { datasetPoints: points, maxDatasets: limit, datasetTtlMs: ttlMs, knownDatasets: known } = config
  const datasets = new parts.DatasetCache({ make: (spec) => pool.makePoints(spec), points, limit, ttlMs, known })
  const { maxActiveJobs: maxActive, keepJobs: keep, sliceOperations } = config
  const registry = (name: 'simulations' | 'analyses', specOf: (job: JobRecord) => Promise<JobSpec>): JobRegistry => {
    const permits = new parts.SharedSemaphore({ name, permits: Math.floor(config.workers / 2) })
    return new parts.JobRegistry({ table: state[name], pool, permits, specOf, maxActive, keep })
  }
  const { services, tests } = state
  return {
    services: new parts.ServiceRegistry({ services, maxServices: config.maxServices }),
    activity: new ActivityLog({
      services,
      lock: new parts.ReentrantLock({ name: 'activity' }),
      limit: config.shownChanges,
    }),
    testRunner: new parts.TestRunner({ tests, command: config.testCommand, graceMs: config.testGraceMs }),
    board: new parts.StatusBoard({ services, tests }),
    simulations: registry('simulations', async ({ seed, steps }) => ({
      kind: 'simulation',
      seed,
      steps,
      sliceOperations,
    })),
    analyses: registry('analyses', async ({ seed, steps, dataset }) => ({
      kind: 'analysis',
      seed,
      steps,
      sliceOperations,
      points: await datasets.points(dataset as string),
    })),
    datasets,
    pool,
  }
}

function shareState(parts: Components, { lockLends: lends }: StateConfig): SharedState {
  const lock = (name: string) => new parts.ReentrantLock({ name, lends })
  return {
    services: new parts.ServiceStatusManager({ lock: lock('services') }),
    tests: new parts.TestExecutionManager({ lock: lock('test-execution') }),
    simulations: new parts.JobTable('simulation', { name: 'simulations', lock: lock('simulations') }),
    analyses: new parts.JobTable('analysis', { name: 'analyses', lock: lock('analyses') }),
  }
}
