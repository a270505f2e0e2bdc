import '../../../../harness/register.ts'
import { EventEmitter, on, once } from 'node:events'
import timers from 'node:timers'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { sameInBothWorlds, thrownBy } from '../both-worlds.ts'

const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs))

describe('timers', () => {
  it('take arguments, repeat, and are cleared in every form', async () => {
    const log = await sameInBothWorlds(async () => {
      const log: unknown[] = []
      setTimeout((...args) => log.push(args), 5, 'a', 1)
      const interval = setInterval(() => log.push('tick'), 20)
      clearTimeout(setTimeout(() => log.push('cleared'), 1))
      clearInterval(setTimeout(() => log.push('cleared by the other'), 1))
      clearTimeout(Number(setTimeout(() => log.push('cleared by number'), 1)))
      clearTimeout(String(Number(setTimeout(() => log.push('cleared by text'), 1))))
      clearImmediate(setImmediate(() => log.push('cleared immediate')))
      clearTimeout(undefined)
      while (log.length < 4) await sleep(1)
      clearInterval(interval)
      return log
    })
    expect(log).toEqual([['a', 1], 'tick', 'tick', 'tick'])
  })

  it('have the surface of the real ones', async () => {
    await sameInBothWorlds(() => {
      const timer = setTimeout(() => {}, 5)
      const immediate = setImmediate(() => {})
      const surface = [
        [timer.hasRef(), timer.unref() === timer, timer.hasRef(), timer.ref().hasRef(), timer.refresh() === timer],
        [immediate.hasRef(), immediate.unref().hasRef(), immediate.ref().hasRef()],
        [typeof timer[Symbol.toPrimitive](), typeof timer[Symbol.dispose], typeof timer.close],
        [setTimeout.name, timers.setTimeout === setTimeout, timers.setImmediate === setImmediate],
      ]
      timer.close()
      immediate[Symbol.dispose]()
      return surface
    })
  })

  it('are refreshed in their own callback', async () => {
    const count = await sameInBothWorlds(async () => {
      let count = 0
      await new Promise<void>((resolve) => {
        const timer: NodeJS.Timeout = setTimeout(() => (++count < 3 ? timer.refresh() : resolve()), 5)
      })
      return count
    })
    expect(count).toBe(3)
  })

  it('are put off by a refresh, and count from then', async () => {
    const { value } = await simulate(async (sim) => {
      let firedMs = 0
      const timer = setTimeout(() => (firedMs = sim.nowMs), 60)
      for (let round = 0; round < 5; round++) {
        await sleep(20)
        timer.refresh()
      }
      await sleep(100)
      return firedMs
    })
    expect(value).toBe(160)
  })

  it('round and bound their delays as the real ones do, and complain as they do', async () => {
    const { value } = await simulate(async (sim) => {
      const dueMs: number[] = []
      for (const delay of [0, -5, Number.NaN, 2 ** 31, 1.9, '7']) {
        const startMs = sim.nowMs
        await sleep(delay as number)
        dueMs.push(sim.nowMs - startMs)
      }
      return dueMs
    })
    expect(value).toEqual([1, 1, 1, 1, 1, 7])
    const thrown = await sameInBothWorlds(async () => [
      await thrownBy(() => setTimeout('code' as never, 1)),
      await thrownBy(() => setImmediate(undefined as never)),
      await thrownBy(() => setInterval(null as never, 1)),
    ])
    expect(thrown.map((error) => error?.code)).toEqual(Array(3).fill('ERR_INVALID_ARG_TYPE'))
  })

  it('run ticks and microtasks between two callbacks', async () => {
    const log = await sameInBothWorlds(async () => {
      const log: string[] = []
      for (const name of ['a', 'b']) {
        setTimeout(() => {
          log.push(name)
          queueMicrotask(() => log.push(`microtask of ${name}`))
          process.nextTick(() => log.push(`tick of ${name}`))
        }, 5)
      }
      await sleep(20)
      return log
    })
    expect(log).toEqual(['a', 'tick of a', 'microtask of a', 'b', 'tick of b', 'microtask of b'])
  })

  it('are promisified, and race with events', async () => {
    const answers = await sameInBothWorlds(async () => {
      const emitter = new EventEmitter()
      setTimeout(() => emitter.emit('first', 1), 5)
      const first = await once(emitter, 'first')
      const stop = new AbortController()
      let count = 0
      const interval = setInterval(() => emitter.emit('more', ++count), 5)
      const heard: unknown[] = []
      try {
        for await (const [number] of on(emitter, 'more', { signal: stop.signal })) {
          heard.push(number)
          if (number === 3) stop.abort()
        }
      } catch (error) {
        heard.push((error as Error).name)
      }
      clearInterval(interval)
      return [first, heard, await promisify(setTimeout)(5, 'later'), await promisify(setImmediate)('soon')]
    })
    expect(answers).toEqual([[1], [1, 2, 3, 'AbortError'], 'later', 'soon'])
  })

  it('of the real world are cleared in a schedule, and the other way round', async () => {
    const isOver = (timer: NodeJS.Timeout | undefined) => (timer as unknown as { _destroyed: boolean })._destroyed
    const outer = setTimeout(() => {}, 60_000)
    let inner: NodeJS.Timeout | undefined
    const { leftovers } = await simulate(() => {
      clearTimeout(outer)
      inner = setTimeout(() => {}, 10_000)
    })
    expect(isOver(outer)).toBe(true)
    expect(leftovers).toMatchObject([{ kind: 'timer' }])
    clearTimeout(inner)
    expect(isOver(inner)).toBe(true)
  })
})
