import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { JobTable } from '../../../reference-impl/state/job-table.ts'
import { ServiceStatusManager } from '../../../reference-impl/state/service-status-manager.ts'
import { memoryOf } from '../../../reference-impl/state/shared-state.ts'
import { TestExecutionManager } from '../../../reference-impl/state/test-execution-manager.ts'
import { WorkerPool } from '../../../reference-impl/state/worker-pool.ts'

function makeState() {
  return {
    services: new ServiceStatusManager(),
    tests: new TestExecutionManager(),
    simulations: new JobTable('simulation', { name: 'simulations' }),
    analyses: new JobTable('analysis', { name: 'analyses' }),
  }
}

const dataset = { kind: 'dataset', seed: 1, steps: 4 } as const

/** A pool whose threads run the given code instead. */
async function poolOf(code: string): Promise<WorkerPool> {
  const file = join(tmpdir(), `pool-${process.pid}-${Math.trunc(performance.now() * 1000)}.cjs`)
  await writeFile(file, `const { parentPort, threadId } = require('node:worker_threads')\n${code}`)
  return new (class extends WorkerPool {
    protected override entry(): string {
      return file
    }
  })(memoryOf(makeState()))
}

async function published(topic: string, during: () => Promise<void>): Promise<Record<string, unknown>[]> {
  const messages: Record<string, unknown>[] = []
  const listener = (message: unknown) => messages.push(message as Record<string, unknown>)
  subscribe(`raceproof:${topic}`, listener)
  await during()
  unsubscribe(`raceproof:${topic}`, listener)
  return messages
}

describe('a worker pool', () => {
  it('runs jobs on as many threads as it was told, and refuses more jobs than threads', async () => {
    const pool = new WorkerPool(memoryOf(makeState()))
    await pool.start(2)
    const jobs = [pool.makePoints(dataset), pool.makePoints(dataset)]
    await expect(pool.run({ spec: dataset, life: null })).rejects.toThrow('all worker threads are busy')
    const [one, other] = await Promise.all(jobs)
    expect(one).toEqual(other)
    expect(pool.size).toBe(2)
    await pool.stop()
    expect(pool.size).toBe(0)
  })

  it('hands on what its threads publish, with the thread’s name and time', async () => {
    const state = makeState()
    const messages = await published('lock', async () => {
      const pool = new WorkerPool(memoryOf(state))
      await pool.start(1)
      await pool.makePoints(dataset)
      await pool.stop()
    })
    const relayed = messages.filter(({ thread }) => thread === 'job-runner-1')
    expect(relayed.map(({ event, lock }) => [event, lock])).toContainEqual(['acquired', 'services'])
    expect(relayed.every(({ stampMs }) => typeof stampMs === 'number')).toBe(true)
  })

  it('fails the job of a thread that dies, and puts another thread in its place', async () => {
    const pool = await poolOf(
      `parentPort.postMessage({ type: 'ready' })
       parentPort.on('message', ({ type }) => (type === 'end' ? parentPort.close() : process.exit(7)))`,
    )
    const errors = await published('error', async () => {
      await pool.start(1)
      await expect(pool.run({ spec: dataset, life: null })).rejects.toThrow('its worker thread ended with code 7')
      while (pool.size === 0) await new Promise(setImmediate)
      let outcome = 'busy'
      while (/busy/.test(outcome)) {
        await new Promise(setImmediate)
        outcome = await pool.run({ spec: dataset, life: null }).then(String, (error: Error) => error.message)
      }
      expect(outcome).toMatch(/code 7/)
      await pool.stop()
    })
    expect(errors[0]).toMatchObject({
      where: 'worker pool',
      message: expect.stringMatching(/another one takes its place/),
    })
  })

  it('fails the job of a thread that throws, with its error', async () => {
    const pool = await poolOf(
      `parentPort.postMessage({ type: 'ready' })
       parentPort.once('message', () => { throw new Error('thrown in the thread') })`,
    )
    await pool.start(1)
    await expect(pool.run({ spec: dataset, life: null })).rejects.toThrow('thrown in the thread')
    await pool.stop()
  })

  it('passes on an error that a job reports, and goes on', async () => {
    const pool = await poolOf(
      `parentPort.postMessage({ type: 'ready' })
       parentPort.on('message', ({ type }) => (type === 'end' ? parentPort.close() : parentPort.postMessage({ type: 'failed', message: 'no room' })))`,
    )
    await pool.start(1)
    for (let turn = 0; turn < 2; turn++) await expect(pool.makePoints(dataset)).rejects.toThrow('no room')
    await pool.stop()
  })

  it('does not start when its threads cannot load their code', async () => {
    const pool = await poolOf(`throw new Error('cannot load')`)
    await expect(pool.start(1)).rejects.toThrow('cannot load')
    await pool.stop()
    expect(pool.size).toBe(0)
  })
})
