import { describe, expect, it } from 'vitest'
import { TestExecutionManager } from '../../../reference-impl/state/test-execution-manager.ts'
import { inWorker } from '../sync/worker-thread.ts'

const request = { script: 'link.sh', pid: 42, bin: 'sai', topology: 'mono' }

describe('a test execution manager', () => {
  it('knows the running test, and nothing when none runs', () => {
    const tests = new TestExecutionManager()
    const idle = { running: false, execution: 0, script: null, pid: null, bin: null, topology: null }
    expect(tests.getState()).toEqual(idle)
    expect(tests.startTest(request)).toBe(1)
    expect([tests.isRunning(), tests.getPid(), tests.getScript()]).toEqual([true, 42, 'link.sh'])
    expect(tests.getState()).toEqual({ ...request, running: true, execution: 1 })
    expect(tests.stopTest()).toMatchObject({ script: 'link.sh', pid: 42, execution: 1 })
    expect(tests.getState()).toEqual({ ...idle, execution: 1 })
    expect(tests.stopTest()).toBeNull()
  })

  it('starts no second test while one runs', () => {
    const tests = new TestExecutionManager()
    tests.startTest(request)
    expect(tests.startTest({ ...request, script: 'other.sh' })).toBeNull()
    expect(tests.getScript()).toBe('link.sh')
  })

  it('does not let a late stop or update touch a newer test', () => {
    const tests = new TestExecutionManager()
    const first = tests.startTest(request)!
    tests.stopTest(first)
    const second = tests.startTest({ ...request, pid: null })!
    expect(tests.stopTest(first)).toBeNull()
    expect(tests.updateState({ pid: 1 }, first)).toBe(false)
    expect(tests.updateState({ pid: 2 }, second)).toBe(true)
    expect(tests.getState()).toMatchObject({ running: true, execution: second, pid: 2 })
  })

  it('changes several fields at once, of a running test only', () => {
    const tests = new TestExecutionManager()
    expect(tests.updateState({ bin: 'x' })).toBe(false)
    tests.startTest(request)
    expect(tests.updateState({ topology: 'new', bin: 'newer' })).toBe(true)
    expect(tests.getState()).toMatchObject({ topology: 'new', bin: 'newer', script: 'link.sh' })
  })

  it('forgets the running test on reset, but goes on numbering', () => {
    const tests = new TestExecutionManager()
    tests.startTest(request)
    tests.reset()
    expect(tests.isRunning()).toBe(false)
    expect(tests.startTest(request)).toBe(2)
  })

  it('tells changes and keeps them', () => {
    const tests = new TestExecutionManager({ historyLimit: 2 })
    const told: unknown[] = []
    tests.onChange(({ values }) => told.push(values.running))
    tests.startTest(request)
    tests.stopTest()
    expect(told).toEqual([true, false])
    expect(tests.history().map(({ values }) => values.running)).toEqual([true, false])
    expect(tests.counts.writes).toBe(2)
  })

  it('survives 60 starts and stops on 3 worker threads: never two at a time, and each stops its own', async () => {
    const tests = new TestExecutionManager({ historyLimit: 1_000 })
    const worker = (number: number) =>
      inWorker<string[]>(
        `const { TestExecutionManager } = await load('state/test-execution-manager')
         const tests = new TestExecutionManager({ shared: data.shared, historyLimit: 1_000 })
         const wrong = []
         for (let turn = 0; turn < 20; turn++) {
           const script = data.number + '.' + turn
           let execution = null
           while (execution === null) execution = tests.startTest({ script, pid: turn, bin: 'b', topology: 't' })
           if (tests.getScript() !== script) wrong.push(script + ' was replaced by ' + tests.getScript())
           if (tests.stopTest(execution)?.script !== script) wrong.push(script + ' was stopped by another')
         }
         return wrong`,
        { shared: tests.shared, number },
      )
    expect((await Promise.all([worker(1), worker(2), worker(3)])).flat()).toEqual([])
    const running = (await tests.run(() => tests.history())).map(({ values }) => values.running)
    expect(running).toEqual(Array.from({ length: 120 }, (_, index) => index % 2 === 0))
    expect(tests.getState().execution).toBe(60)
  })
})
