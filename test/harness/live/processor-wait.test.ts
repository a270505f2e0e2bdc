import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { processorWaitMs } from '../../../harness/live/processor-wait.ts'
import { delay } from '../../../harness/live/waiting.ts'

/** A process that is always busy, on the first processor only. */
function busyProcess() {
  const child = spawn('taskset', ['-c', '0', process.execPath, '-e', 'for (;;) Math.sqrt(2)'], { stdio: 'ignore' })
  return { pid: child.pid!, [Symbol.dispose]: () => void child.kill('SIGKILL') }
}

describe('the wait for a processor', () => {
  it('grows in two busy processes that share one', async () => {
    using one = busyProcess()
    using other = busyProcess()
    const waitedMs = () => [one, other].map(({ pid }) => processorWaitMs(pid))
    const begunMs = performance.now()
    while (waitedMs().some((ms) => ms < 200)) await delay(20)
    // Each of them runs while the other waits, and they cannot have waited for longer than they live.
    const [first, second] = waitedMs() as [number, number]
    expect(Math.max(first, second)).toBeLessThan(performance.now() - begunMs + 1_000)
  })

  it('is nothing of a process that is not there', () => {
    expect(processorWaitMs(2 ** 30)).toBe(0)
  })
})
