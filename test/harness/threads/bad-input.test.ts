import { execSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ExploreThreadsOptions, exploreThreads, ThreadFailure } from '../../../harness/threads/explore-threads.ts'
import type { ThreadProgram } from '../../../harness/threads/thread-program.ts'

const setup = () => new Int32Array(new SharedArrayBuffer(8))

async function failureOf<State>(
  program: ThreadProgram<State>,
  options: ExploreThreadsOptions = {},
): Promise<ThreadFailure> {
  const failure = await exploreThreads(program, { schedules: 5, ...options }).catch((thrown: unknown) => thrown)
  if (failure instanceof ThreadFailure) return failure
  throw failure instanceof Error ? failure : new Error('expected a failure, found nothing')
}

const here = String.raw`bad-input\.test\.ts:\d+:\d+`

describe('code of a thread that the scheduler cannot see', () => {
  it.each<[string, () => unknown]>([
    ['child_process.execSync()', () => execSync('true')],
    ['fs.mkdirSync()', () => mkdirSync('/tmp/never-made')],
  ])('is named, with its place: %s', async (use, run) => {
    const { kind, message } = await failureOf({ setup, threads: [run] })
    expect(kind).toBe('thrown')
    expect(message).toMatch(new RegExp(`${use.replace(/[.()]/g, '\\$&')} at .*${here} cannot be explored`))
  })

  it('is named when it reads from a pipe, which could not be ended; a file it may read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'raceproof-pipe-'))
    const pipe = join(folder, 'pipe')
    execSync(`mkfifo ${pipe}`)
    try {
      const { message } = await failureOf({ setup, threads: [() => readFileSync(pipe)] })
      expect(message).toMatch(
        new RegExp(String.raw`fs\.readFileSync\(\) of what is no file at .*${here} cannot be explored`),
      )
      const threads = [() => readFileSync(import.meta.filename, 'utf8').length > 0]
      expect(await exploreThreads({ setup, threads })).toMatchObject({ outcomes: [[true]] })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('is found even when the code catches what is thrown', async () => {
    const tryLock = (words: Int32Array) => {
      try {
        mkdirSync('/tmp/never-made')
      } catch {
        return Atomics.load(words, 0)
      }
      return null
    }
    expect((await failureOf({ setup, threads: [tryLock] })).message).toContain('fs.mkdirSync()')
  })

  it('may do the same outside of threads, as in setup and final', async () => {
    const make = () => {
      expect(String(execSync('echo made'))).toBe('made\n')
      return setup()
    }
    const { schedules } = await exploreThreads(
      { setup: make, threads: [(words) => Atomics.add(words, 0, 1)], final: () => void execSync('true') },
      { schedules: 1 },
    )
    expect(schedules).toBe(1)
  })
})

describe('operations without a model', () => {
  it('are named: functions of Atomics that came later', async () => {
    const later = Atomics as unknown as Record<string, unknown>
    later.waitAny = () => 'ok'
    try {
      const threads = [(words: Int32Array) => (later.waitAny as (words: Int32Array) => unknown)(words)]
      expect((await failureOf({ setup, threads })).message).toMatch(
        new RegExp(`Atomics\\.waitAny\\(\\) at .*${here} cannot be explored`),
      )
    } finally {
      delete later.waitAny
    }
  })

  it('are named: memory that grows, in setup too', async () => {
    const grows = () => Reflect.construct(SharedArrayBuffer, [8, { maxByteLength: 16 }])
    await expect(exploreThreads({ setup: grows, threads: [] })).rejects.toThrow(/a SharedArrayBuffer that grows/)
  })

  it('are named: memory of WebAssembly', async () => {
    const wasm = Reflect.get(globalThis, 'WebAssembly') as {
      Memory: new (descriptor: object) => { buffer: ArrayBuffer }
    }
    const shared = () => new wasm.Memory({ initial: 1, maximum: 1, shared: true })
    const failure = await failureOf({ setup, threads: [shared] })
    expect(failure.message).toMatch(new RegExp(`shared memory of WebAssembly at .*${here} cannot be explored`))
    const own = () => new wasm.Memory({ initial: 1 }).buffer.byteLength
    expect((await exploreThreads({ setup, threads: [own] }, { schedules: 1 })).outcomes).toEqual([[65_536]])
  })

  it('are those that Atomics refuse too, and the code may catch it', async () => {
    const careful = (words: Int32Array) => {
      const caught = []
      for (const act of [
        () => Atomics.load(words, 99),
        () => Atomics.load(new Float64Array(words.buffer) as never, 0),
        () => Atomics.wait(new Uint32Array(words.buffer) as never, 0, 0),
      ]) {
        try {
          act()
        } catch (thrown) {
          // What suspends a thread is no error.
          if (!(thrown instanceof Error)) throw thrown
          caught.push(thrown.name)
        }
      }
      return caught
    }
    const { outcomes } = await exploreThreads({ setup, threads: [careful] }, { schedules: 1 })
    expect(outcomes).toEqual([[['RangeError', 'TypeError', 'TypeError']]])
  })
})

describe('the number of schedules', () => {
  it.each([{ schedules: 0 }, { schedules: -3 }, { steps: 0.5 }])('is refused when it is none: %o', async (options) => {
    const refused = exploreThreads({ setup: () => null, threads: [() => {}] }, options).catch(
      (thrown: unknown) => thrown,
    )
    expect(await refused).toMatchObject({ code: 'ERR_USAGE' })
  })
})

describe('arrays of big integers', () => {
  it('are counted in and waited on as others are', async () => {
    const big = () => new BigInt64Array(new SharedArrayBuffer(16))
    const { outcomes, exhausted } = await exploreThreads(
      {
        setup: big,
        threads: [
          (words) => {
            while (Atomics.load(words, 0) === 0n) Atomics.wait(words, 0, 0n)
            return String(Atomics.add(words, 1, 2n ** 40n))
          },
          (words) => {
            Atomics.store(words, 0, -1n)
            Atomics.notify(words, 0)
          },
        ],
        final: (words) => expect(words[1]).toBe(2n ** 40n),
      },
      { strategy: 'exhaustive' },
    )
    expect({ outcomes, exhausted }).toEqual({ outcomes: [['0', undefined]], exhausted: true })
  })
})

describe('chance and time in a thread', () => {
  it('are the same in all runs of a schedule, and come from the seed', async () => {
    const draws = async (seed: number) => {
      const { outcomes } = await exploreThreads(
        {
          setup,
          threads: [
            (words) => {
              const values = [
                crypto.randomUUID(),
                crypto.getRandomValues(new Uint8Array(4)).join(),
                new Date().toJSON(),
              ]
              Atomics.add(words, 0, 1)
              Atomics.add(words, 0, 1)
              return [...values, process.hrtime(), String(process.hrtime.bigint())]
            },
          ],
        },
        { schedules: 1, seed },
      )
      return outcomes[0]![0] as unknown[]
    }
    const [first, again, other] = [await draws(1), await draws(1), await draws(2)]
    expect(first).toEqual(again)
    expect(first[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(first.slice(2)).toEqual(['2000-01-01T00:00:00.000Z', [0, 0], '0'])
    expect(other.slice(0, 2)).not.toEqual(first.slice(0, 2))
  })

  it('are real again afterwards', async () => {
    await exploreThreads({ setup, threads: [(words) => Atomics.load(words, 0)] }, { schedules: 1 })
    expect(new Date().getFullYear()).toBeGreaterThan(2_000)
    expect(crypto.randomUUID()).not.toBe(crypto.randomUUID())
    expect(process.hrtime.bigint()).toBeGreaterThan(0n)
  })
})
