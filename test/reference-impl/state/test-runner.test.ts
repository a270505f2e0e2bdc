import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../reference-impl/state/refusal.ts'
import { TestExecutionManager } from '../../../reference-impl/state/test-execution-manager.ts'
import { TestRunner } from '../../../reference-impl/state/test-runner.ts'

const request = { script: 'link.sh', bin: 'sai', topology: 'mono' }

describe('a test runner', () => {
  it('leaves no process of a test that is stopped while it starts', async () => {
    const tests = new TestExecutionManager()
    const runner = new TestRunner({ tests, command: ['sleep', '60'], graceMs: 1_000 })
    tests.onChange(({ values }) => {
      if (values.running) tests.stopTest()
    })
    const started = runner.start(request)
    await expect(started).rejects.toThrow(/stopped while it was starting/)
    await expect(started).rejects.toBeInstanceOf(Refusal)
    expect(tests.getState()).toMatchObject({ running: false, pid: null })
    // Nothing is left that it would have to wait for.
    await runner.close()
  })

  it('ends what runs when it is closed, and starts nothing more', async () => {
    const tests = new TestExecutionManager()
    const runner = new TestRunner({ tests, command: ['sleep', '60'], graceMs: 1_000 })
    const { pid } = await runner.start(request)
    await runner.close()
    expect(() => process.kill(pid as number, 0)).toThrow()
    await expect(runner.start(request)).rejects.toMatchObject({ status: 503 })
  })

  it('tells the test what it is about', async () => {
    const tests = new TestExecutionManager()
    const command = ['sh', '-c', 'test "$TEST_SCRIPT/$TEST_BIN/$TEST_TOPOLOGY" = link.sh/sai/mono && exec sleep 60']
    const runner = new TestRunner({ tests, command, graceMs: 1_000 })
    await runner.start(request)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect((await runner.status()).running).toBe(true)
    await runner.close()
  })
})
