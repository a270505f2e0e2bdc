import '../../../../harness/register.ts'
import { describe, expect, it } from 'vitest'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { ReentrantLock } from '../../../../reference-impl/sync/reentrant-lock.ts'
import { SharedSemaphore } from '../../../../reference-impl/sync/shared-semaphore.ts'
import { sameInBothWorlds, thrownBy } from '../both-worlds.ts'

const words = (length = 8) => new Int32Array(new SharedArrayBuffer(length * 4))
const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs))

/** Waits, and logs what woke it. */
function sleeper(log: string[], array: Int32Array, name: string, index: number, timeoutMs?: number): Promise<void> {
  const wait = Atomics.waitAsync(array, index, 0, timeoutMs)
  if (!wait.async) throw new Error(`expected ${name} to sleep, got ${wait.value}`)
  return wait.value.then((reason) => void log.push(`${name} ${reason}`))
}

describe('Atomics.waitAsync', () => {
  it('answers at once when the value differs or there is no time to wait', async () => {
    const answers = await sameInBothWorlds(() => {
      const array = words()
      return [Atomics.waitAsync(array, 0, 1), Atomics.waitAsync(array, 0, 0, 0), Atomics.waitAsync(array, 0, 0, -5)]
    })
    expect(answers).toMatchObject([{ value: 'not-equal' }, { value: 'timed-out' }, { value: 'timed-out' }])
  })

  it('judges its arguments as the real one does', async () => {
    const judged = await sameInBothWorlds(async () => {
      const calls: (() => unknown)[] = [
        () => Atomics.waitAsync(words(), 99, 0),
        () => Atomics.waitAsync(new Int32Array(4), 0, 0),
        () => Atomics.waitAsync(new Uint8Array(new SharedArrayBuffer(4)) as never, 0, 0),
        () => Atomics.waitAsync(words(), 0, 0, 1n as never),
        () => Atomics.notify(words(), -1),
        () => Atomics.notify([] as never, 0),
        () => Atomics.notify(words(), 0, Symbol('many') as never),
      ]
      return Promise.all(calls.map(thrownBy))
    })
    expect(judged).toHaveLength(7)
    expect(judged.every((thrown) => thrown !== undefined)).toBe(true)
  })

  it('is woken in the order of sleeping, whatever the addresses, by one task for all', async () => {
    const order = await sameInBothWorlds(async () => {
      const [log, array] = [[] as string[], words()]
      const all = [sleeper(log, array, 'a', 0), sleeper(log, array, 'b', 1), sleeper(log, array, 'c', 0)]
      const keepsAlive = setTimeout(() => {}, 1000)
      await sleep(1)
      log.push(`woke ${Atomics.notify(array, 1)}, ${Atomics.notify(array, 0)}`)
      await Promise.all(all)
      clearTimeout(keepsAlive)
      return log
    })
    expect(order).toEqual(['woke 1, 2', 'b ok', 'a ok', 'c ok'])
  })

  it('wakes as many as it is asked to, and counts them', async () => {
    const counts = await sameInBothWorlds(() => {
      const array = words()
      for (let waiter = 0; waiter < 5; waiter++) void Atomics.waitAsync(array, 2, 0)
      const ask = (count?: number) => Atomics.notify(array, 2, count)
      return [ask(0), ask(2), ask(-1), ask(1.9), Atomics.notify(array, 3), ask(), ask()]
    })
    expect(counts).toEqual([0, 2, 0, 1, 0, 2, 0])
  })

  it('times out in virtual time, unless it was woken before', async () => {
    const { value } = await simulate(async (sim) => {
      const [log, array] = [[] as string[], words()]
      setTimeout(() => Atomics.notify(array, 1), 50)
      setTimeout(() => {}, 5000)
      await Promise.all([
        sleeper(log, array, 'late', 0, 3000).then(() => log.push(`at ${sim.nowMs}`)),
        sleeper(log, array, 'woken', 1, 3000),
      ])
      return log
    })
    expect(value).toEqual(['woken ok', 'late timed-out', 'at 3000'])
  })

  it('passes over who has timed out', async () => {
    const { value } = await simulate(async () => {
      const [log, array] = [[] as string[], words()]
      const first = sleeper(log, array, 'first', 0, 5)
      const second = sleeper(log, array, 'second', 0)
      await sleep(100)
      const woken = Atomics.notify(array, 0, 1)
      await Promise.all([first, second])
      return [...log, woken]
    })
    expect(value).toEqual(['first timed-out', 'second ok', 1])
  })

  it('keeps nothing going, as in Node', async () => {
    const { status } = await simulate(async () => {
      await Atomics.waitAsync(words(), 0, 0, 10).value
    })
    expect(status).toBe('idle')
  })

  it('that nobody ever wakes is what a stuck schedule waits for', async () => {
    const { status, pending } = await simulate(async () => {
      const array = words()
      void Atomics.waitAsync(array, 1, 0)
      void Atomics.waitAsync(array, 1, 0, 5000)
      Atomics.notify(array, 1)
      await Atomics.waitAsync(array, 2, 0).value
    })
    expect(status).toBe('idle')
    expect(pending).toEqual([expect.stringMatching(/^atomics#3\/0 sleeps at byte 8 until it is notified/)])
  })

  it('is woken by another process, through a clone of the memory too', async () => {
    const { value } = await simulate(async (sim) => {
      const [log, array] = [[] as string[], words()]
      const clone = new Int32Array(structuredClone(array.buffer))
      const sleeping = sim.process('sleeper', () => sleeper(log, array, 'a', 3))
      const woken = await sim.process('waker', async () => {
        await sleep(5)
        return Atomics.notify(clone, 3)
      })
      await sleeping
      return { log, woken, bytes: [...array] }
    })
    expect(value).toEqual({ log: ['a ok'], woken: 1, bytes: [0, 0, 0, 0, 0, 0, 0, 0] })
  })

  it('tells two memories of equal content apart', async () => {
    const { value } = await simulate(() => {
      const [one, other] = [words(), words()]
      void Atomics.waitAsync(one, 0, 0)
      return [Atomics.notify(other, 0), Atomics.notify(one, 0)]
    })
    expect(value).toEqual([0, 1])
  })

  it('waits by the byte, so that views of both widths meet', async () => {
    const woken = await sameInBothWorlds(() => {
      const memory = new SharedArrayBuffer(32)
      const [narrow, wide] = [new Int32Array(memory, 8), new BigInt64Array(memory)]
      void Atomics.waitAsync(wide, 2, 0n)
      return [Atomics.notify(narrow, 1), Atomics.notify(narrow, 2)]
    })
    expect(woken).toEqual([0, 1])
  })
})

describe('Atomics.wait', () => {
  it('answers when it needs not wait', async () => {
    const answers = await sameInBothWorlds(() => [Atomics.wait(words(), 0, 1), Atomics.wait(words(), 0, 0, 0)])
    expect(answers).toEqual(['not-equal', 'timed-out'])
  })

  it('is a finding, and an error at the call, when it would block', async () => {
    const { value, findings, status } = await simulate((sim) =>
      sim.process('worker', () => thrownBy(() => Atomics.wait(words(), 2, 0, 100))),
    )
    const message = expect.stringMatching(/^Atomics.wait would block the event loop of 'worker' for up to 100 ms/)
    expect(value).toMatchObject({ code: 'ERR_WORLD_UNSUPPORTED', message })
    expect(findings).toMatchObject([{ kind: 'blocked', node: 'worker', message }])
    expect(status).toBe('done')
  })
})

/** Tasks that each enter several times, and look whether they are alone; returns how often one was not. */
async function contend(enter: (section: () => Promise<void>) => Promise<void>, tasks = 4): Promise<number> {
  let inside = 0
  let intruders = 0
  const section = async () => {
    if (inside++ > 0) intruders++
    await sleep(1)
    inside--
  }
  const task = async () => {
    for (let round = 0; round < 3; round++) await enter(section)
  }
  await Promise.all(Array.from({ length: tasks }, task))
  return intruders
}

describe('the locks of the reference servers', () => {
  const seeds = Array.from({ length: 50 }, (_, seed) => seed)

  it.each(seeds.slice(0, 25))('exclude the tasks of one process (seed %i)', async (seed) => {
    const { value, status, findings, leftovers } = await simulate(
      async () => {
        const lock = new ReentrantLock({ name: 'test', places: 4 })
        const intruders = await contend((section) => lock.run(() => lock.run(section)), 6)
        return { intruders, queue: lock.queue, inside: lock.inside, hadToWait: lock.waits > 0 }
      },
      { seed },
    )
    expect({ status, findings, leftovers }).toEqual({ status: 'done', findings: [], leftovers: [] })
    expect(value).toEqual({ intruders: 0, queue: 0, inside: 0, hadToWait: true })
  })

  it.each(seeds.slice(0, 25))('exclude two processes that share the memory (seed %i)', async (seed) => {
    const run = async (sim: Sim) => {
      const { buffer } = new ReentrantLock({ name: 'test' })
      let inside = 0
      let intruders = 0
      const worker = (name: string) =>
        sim.process(name, async () => {
          const lock = new ReentrantLock({ name: 'test', buffer: structuredClone(buffer) })
          for (let round = 0; round < 5; round++) {
            await lock.run(async () => {
              if (inside++ > 0) intruders++
              await sleep(1)
              inside--
            })
          }
        })
      await Promise.all(['a', 'b', 'c'].map(worker))
      return intruders
    }
    const { value, status, findings } = await simulate(run, { seed })
    expect({ value, status, findings }).toEqual({ value: 0, status: 'done', findings: [] })
  })

  it('let as many in as the semaphore has permits, in every order', async () => {
    for (const seed of seeds) {
      let most = 0
      const { status, findings } = await simulate(
        async () => {
          const semaphore = new SharedSemaphore({ name: 'jobs', permits: 2, places: 8 })
          let inside = 0
          const job = async () => {
            most = Math.max(most, ++inside)
            await sleep(3)
            inside--
          }
          await Promise.all(Array.from({ length: 8 }, () => semaphore.run(job)))
        },
        { seed },
      )
      expect({ status, findings, most }).toEqual({ status: 'done', findings: [], most: 2 })
    }
  })

  it('give up waiting after their time-out, in virtual time', async () => {
    const { value } = await simulate(async (sim) => {
      const lock = new ReentrantLock({ name: 'test' })
      const holder = lock.run(() => sleep(500))
      const thrown = await thrownBy(() => lock.run(() => {}, { timeoutMs: 100 }))
      const gaveUpMs = sim.nowMs
      await holder
      return { name: thrown?.name, gaveUpMs }
    })
    expect(value).toEqual({ name: 'WaitTimeout', gaveUpMs: 100 })
  })

  it('go the same way for the same seed', async () => {
    const run = () => {
      const lock = new ReentrantLock({ name: 'test' })
      return contend((section) => lock.run(section))
    }
    const { hash } = await simulate(run, { seed: 11 })
    for (let repeat = 0; repeat < 20; repeat++) expect((await simulate(run, { seed: 11 })).hash).toBe(hash)
  })
})
