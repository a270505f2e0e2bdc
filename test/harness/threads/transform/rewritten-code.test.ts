import { describe, expect, it } from 'vitest'
import { exploreThreads, ThreadFailure } from '../../../../harness/threads/explore-threads.ts'

const module = new URL('../../../fixtures/threads/careless.ts', import.meta.url)
const setup = () => new Int32Array(new SharedArrayBuffer(8))

async function found(run: string, plainAccesses = true): Promise<ThreadFailure> {
  const threads = [{ module, run }]
  const thrown = await exploreThreads({ setup, threads }, { plainAccesses, schedules: 5 }).catch((error) => error)
  if (thrown instanceof ThreadFailure) return thrown
  throw thrown instanceof Error ? thrown : new Error('expected a failure, found nothing')
}

describe('rewritten code', () => {
  it('ends a loop that turns for ever without an operation, and names its place', async () => {
    const { message } = await found('turnForEver')
    expect(message).toMatch(/thread 0 turned in a loop 10000000 times without an operation .*careless\.ts:4:/)
  })

  it('lets pass what suspends a thread, whatever it catches', async () => {
    const threads = [
      { module, run: 'tryForEver' },
      { module, run: 'tryForEver' },
    ]
    const options = { plainAccesses: true, strategy: 'exhaustive' } as const
    const { outcomes } = await exploreThreads({ setup, threads, final: (words) => expect(words[1]).toBe(0) }, options)
    expect(outcomes.map(String).sort()).toEqual(['0,1', '1,0'])
  })

  it.each([
    ['eval', 'evaluate', 23],
    ['Function', 'construct', 27],
  ])('may not make code with %s', async (name, run, line) => {
    const { message } = await found(run)
    expect(message).toMatch(new RegExp(`${name}\\(\\) at .*careless\\.ts:${line}:\\d+ cannot be explored`))
  })

  it('may make code where plain accesses are not asked for', async () => {
    const threads = [{ module, run: 'construct' }]
    expect((await exploreThreads({ setup, threads }, { schedules: 1 })).outcomes).toEqual([[0]])
  })

  it('may not access shared memory that no schedule has for itself', async () => {
    Reflect.set(globalThis, 'foreignMemory', setup())
    try {
      expect((await found('accessForeign')).message).toMatch(
        /shared memory that was made outside of the exploration at .*careless\.ts:33:\d+ cannot be explored/,
      )
    } finally {
      Reflect.deleteProperty(globalThis, 'foreignMemory')
    }
  })
})
