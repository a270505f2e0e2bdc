import { describe, expect, it } from 'vitest'
import { compute, type JobResult, type JobSpec } from '../../../reference-impl/state/job.ts'
import { JobRunner } from '../../../reference-impl/state/job-runner.ts'
import { JobTable } from '../../../reference-impl/state/job-table.ts'
import { ServiceStatusManager } from '../../../reference-impl/state/service-status-manager.ts'
import { attach, memoryOf, type SharedState } from '../../../reference-impl/state/shared-state.ts'
import { TestExecutionManager } from '../../../reference-impl/state/test-execution-manager.ts'

function makeState(): SharedState {
  return {
    services: new ServiceStatusManager(),
    tests: new TestExecutionManager(),
    simulations: new JobTable('simulation', { name: 'simulations' }),
    analyses: new JobTable('analysis', { name: 'analyses' }),
  }
}

const sliceOperations = 200_000

/** Runs a computation to its end, with what it yields. */
function completed(spec: JobSpec): { progress: number[]; result: JobResult } {
  const computation = compute(spec)
  const progress: number[] = []
  for (;;) {
    const slice = computation.next()
    if (slice.done) return { progress, result: slice.value }
    progress.push(slice.value)
  }
}

describe('a job', () => {
  it('gives equal results for equal seeds, and others for others', () => {
    const simulation = (seed: number) => completed({ kind: 'simulation', seed, steps: 5_000, sliceOperations }).result
    expect(simulation(1)).toEqual(simulation(1))
    expect(simulation(1)).not.toEqual(simulation(2))
  })

  it('tells between its slices how far it is', () => {
    const { progress } = completed({ kind: 'simulation', seed: 1, steps: 1_000_000, sliceOperations })
    expect(progress).toEqual([0.2, 0.4, 0.6, 0.8, 1])
  })

  it('estimates the mean of a dataset that another job has made', () => {
    const { points } = completed({ kind: 'dataset', seed: 7, steps: 2_000 }).result
    expect(points?.buffer).toBeInstanceOf(SharedArrayBuffer)
    const mean = points!.reduce((sum, point) => sum + point, 0) / points!.length
    const { result, progress } = completed({ kind: 'analysis', seed: 1, steps: 300, sliceOperations, points: points! })
    const { low, median, high } = result.json as { low: number; median: number; high: number }
    expect(progress.length).toBeGreaterThan(1)
    expect(low).toBeLessThan(mean)
    expect(high).toBeGreaterThan(mean)
    expect(median).toBeCloseTo(mean, 0)
  })
})

describe('a job runner', () => {
  const spec = { kind: 'simulation', seed: 1, steps: 1_000_000, sliceOperations } as const
  const addJob = ({ simulations }: SharedState) =>
    simulations.add({ id: 'job', dataset: null, seed: 1, steps: 1_000_000 })!

  it('keeps the record of its job, and shows that it runs', () => {
    const state = makeState()
    const statuses: unknown[] = []
    state.services.onChange(({ values }) => statuses.push(values))
    const result = new JobRunner('runner', state).run({ spec, life: addJob(state) })
    expect(state.simulations.get('job')).toMatchObject({ state: 'completed', progress: 1, result: result?.json })
    expect(statuses).toEqual([{ runner: true }, { runner: false }])
  })

  it('works on the state of another thread through its memory', () => {
    const state = makeState()
    const life = addJob(state)
    new JobRunner('runner', attach(memoryOf(state))).run({ spec, life })
    expect(state.simulations.get('job')?.state).toBe('completed')
    expect(state.services.getStatus('runner')).toBe(false)
  })

  it('stops between two slices when its job is to stop', () => {
    const state = makeState()
    const life = addJob(state)
    const table = new (class extends JobTable {
      override advance(...told: Parameters<JobTable['advance']>): boolean {
        this.requestStop('job')
        return super.advance(...told)
      }
    })('simulation', { name: 'simulations', shared: state.simulations.share() })
    const result = new JobRunner('runner', { ...state, simulations: table }).run({ spec, life })
    expect(result).toBeNull()
    expect(state.simulations.get('job')).toMatchObject({ state: 'stopped', progress: 0 })
  })

  it('does not begin a job that was stopped while it waited', () => {
    const state = makeState()
    const life = addJob(state)
    state.simulations.requestStop('job')
    expect(new JobRunner('runner', state).run({ spec, life })).toBeNull()
    expect(state.simulations.get('job')?.state).toBe('stopped')
  })

  it('records why a job failed, and goes on', () => {
    const state = makeState()
    const life = state.analyses.add({ id: 'job', dataset: 'none', seed: 1, steps: 5 })!
    const broken = {
      kind: 'analysis',
      seed: 1,
      steps: 5,
      sliceOperations,
      points: null as unknown as Float64Array,
    } as const
    const runner = new JobRunner('runner', state)
    expect(runner.run({ spec: broken, life })).toBeNull()
    expect(state.analyses.get('job')).toMatchObject({ state: 'failed', error: expect.stringMatching(/null/) })
    expect(runner.run({ spec: { kind: 'dataset', seed: 1, steps: 3 }, life: null })?.points).toHaveLength(3)
  })
})
