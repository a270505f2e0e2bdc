import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { exploreThreads, ThreadFailure } from '../../../../harness/threads/explore-threads.ts'

const fixture = (name: string) => new URL(`../../../fixtures/threads/${name}`, import.meta.url)
const module = fixture('with-state.ts')
const setup = () => new Int32Array(new SharedArrayBuffer(4))

/** What two threads of one module returned, in every order. */
async function outcomesOf(run: string, fresh?: boolean): Promise<readonly (readonly unknown[])[]> {
  const thread = { module, run, fresh }
  const { outcomes, exhausted } = await exploreThreads({ setup, threads: [thread, thread] }, { strategy: 'exhaustive' })
  expect(exhausted).toBe(true)
  return outcomes
}

describe('the module of a thread', () => {
  it('has an instance for each thread, so that a manager per module is found', async () => {
    const threads = [
      { module, run: 'startOnce' },
      { module, run: 'startOnce' },
    ]
    const once = (words: Int32Array) => expect(words[0], 'jobs that were started').toBe(1)
    const failure = await exploreThreads({ setup, threads, final: once }).catch((thrown) => thrown)
    expect(failure).toBeInstanceOf(ThreadFailure)
    expect(failure.message).toContain('jobs that were started: expected 2 to be 1')
  })

  it('has a fresh one in each run, so that its variables begin anew', async () => {
    expect(await outcomesOf('countCalls')).toEqual([[1, 1]])
  })

  it('is not evaluated again where it is told to hold no state', async () => {
    const failure = await outcomesOf('countCalls', false).catch((thrown) => thrown)
    expect(failure).not.toEqual([[1, 1]])
  })

  it('draws the same random numbers in all runs of a schedule', async () => {
    const [[one, other] = []] = await outcomesOf('drawn')
    expect(one).toEqual(expect.any(Number))
    expect(other).not.toBe(one)
  })

  it('sees itself in a worker, with a number of its own, and knows where it is', async () => {
    const seen = (thread: number) => [false, thread, thread, 'with-state.ts', 'with-state.ts']
    expect(await outcomesOf('surroundings')).toEqual([[seen(1), seen(2)]])
  })

  it('tells the lines of TypeScript, of the module and of what it imports', async () => {
    const threads = [
      { module: fixture('plain-counter.ts'), run: 'count' },
      { module: fixture('plain-counter.ts'), run: 'count' },
    ]
    const words = () => ({ words: setup() })
    const failure: ThreadFailure = await exploreThreads({ setup: words, threads }, { plainAccesses: true }).catch(
      (thrown) => thrown,
    )
    const file = fileURLToPath(fixture('plain-counter.ts'))
    expect(new Set(failure.steps.map(({ place }) => place))).toEqual(new Set([`${file}:9:26`, `${file}:10:21`]))
  })
})

describe('a module that cannot be the code of a thread', () => {
  const run = 'run'

  it('is named with the place where it awaits at its top', async () => {
    await expect(exploreThreads({ setup, threads: [{ module: fixture('awaits-at-top.ts'), run }] })).rejects.toThrow(
      /awaits-at-top\.ts:1:15: a thread's module awaits at its top/,
    )
  })

  it('is named with the place where it does not compile, or when it is not there', async () => {
    await expect(exploreThreads({ setup, threads: [{ module: fixture('nowhere.ts'), run }] })).rejects.toMatchObject({
      code: 'ERR_SCENARIO_INVALID',
    })
  })

  it.each(['./worker.ts', '/there/worker.ts', 'https://example.org/worker.ts'])(
    'is to be given by the URL of a file, not as %s',
    async (given) => {
      await expect(exploreThreads({ setup, threads: [{ module: given, run }] })).rejects.toMatchObject({
        code: 'ERR_USAGE',
        message: expect.stringContaining(
          `as the URL of a file, such as new URL('./worker.ts', import.meta.url), got "${given}"`,
        ),
      })
    },
  )

  it('is named when it exports no such function', async () => {
    await expect(exploreThreads({ setup, threads: [{ module, run }] })).rejects.toThrow(
      /with-state\.ts to export a function 'run', got undefined/,
    )
  })
})
