import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { execa } from 'execa'
import type { LockProbe } from 'raceproof/probe'
import { afterEach, describe, expect, it } from 'vitest'
import { builtFile } from '../../../reference-impl/sync/built-file.ts'
import { WaitTimeout } from '../../../reference-impl/sync/patience.ts'
import { LockMisuse, ReentrantLock } from '../../../reference-impl/sync/reentrant-lock.ts'
import { Section } from '../../../reference-impl/sync/section.ts'
import { inWorker } from './worker-thread.ts'

const makeLock = () => new ReentrantLock({ name: 'test' })

/** A promise that is settled from outside. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** Lets everything run that can run without waiting for time to pass. */
const allIdle = () => new Promise<void>((resolve) => setTimeout(resolve, 5))

describe('a lock between async tasks of one thread', () => {
  it('lets one task in at a time', async () => {
    const lock = makeLock()
    let counter = 0
    const increment = () =>
      lock.run(async () => {
        const read = counter
        await null
        counter = read + 1
      })
    await Promise.all(Array.from({ length: 200 }, increment))
    expect(counter).toBe(200)
  })

  it('is handed on in the order of arrival', async () => {
    const lock = makeLock()
    const order: number[] = []
    const tasks = Array.from({ length: 50 }, (_, index) => lock.run(async () => void order.push(await index)))
    await Promise.all(tasks)
    expect(order).toEqual([...order].sort((a, b) => a - b))
  })

  it('returns what the section returns, and passes on what it throws', async () => {
    const lock = makeLock()
    expect(await lock.run(() => 7)).toBe(7)
    expect(await lock.run(async () => 'late')).toBe('late')
    await expect(lock.run(() => Promise.reject(new Error('in the section')))).rejects.toThrow('in the section')
  })

  it('is let go when a section fails, at once or later', async () => {
    const lock = makeLock()
    await lock.run(() => Promise.reject(new Error('later'))).catch(() => {})
    await lock.run(() => expect.fail('at once')).catch(() => {})
    expect(() => lock.runSync(() => expect.fail('synchronous'))).toThrow()
    expect(await lock.run(() => 'free', { timeoutMs: 0 })).toBe('free')
  })

  it('serves all who wait, also when there are more than places in the line', async () => {
    const lock = new ReentrantLock({ name: 'narrow', places: 2 })
    const { opened, open } = gate()
    let served = 0
    const holder = lock.run(() => opened)
    const serve = async () => {
      await null
      served++
    }
    const tasks = Array.from({ length: 20 }, () => lock.run(serve))
    open()
    await Promise.all([holder, ...tasks])
    expect(served).toBe(20)
    expect(lock.waits).toBe(20)
  })
})

describe('re-entrance', () => {
  it('lets a section enter again what it holds, at any depth', async () => {
    const lock = makeLock()
    const depth3 = await lock.run(() => lock.run(async () => lock.run(() => lock.runSync(() => 'inside'))))
    expect(depth3).toBe('inside')
    expect(lock.inside).toBe(0)
  })

  it('makes two tasks forked in one section exclude each other', async () => {
    const lock = makeLock()
    let [inside, most] = [0, 0]
    const fork = () =>
      lock.run(async () => {
        most = Math.max(most, ++inside)
        await allIdle()
        inside--
      })
    await lock.run(() => Promise.all([fork(), fork(), lock.run(fork)]))
    expect(most).toBe(1)
  })

  it('refuses a synchronous section while a forked task is inside', async () => {
    const lock = makeLock()
    await lock.run(async () => {
      const fork = lock.run(allIdle)
      expect(() => lock.runSync(() => {})).toThrow(LockMisuse)
      await fork
    })
  })

  it('does not let another task in through the section of its thread', async () => {
    const lock = makeLock()
    const { opened, open } = gate()
    const order: string[] = []
    const first = lock.run(async () => {
      await opened
      order.push('first')
    })
    const second = lock.run(() => order.push('second'))
    open()
    await Promise.all([first, second])
    expect(order).toEqual(['first', 'second'])
  })

  it('makes a task that outlives its section take the lock afresh', async () => {
    const lock = makeLock()
    const { opened, open } = gate()
    let straggler: Promise<string> | undefined
    const { opened: begun, open: begin } = gate()
    await lock.run(() => {
      straggler = begun.then(() => lock.run(() => 'in'))
    })
    const holder = lock.run(() => opened)
    begin()
    await allIdle()
    expect(lock.queue).toBe(1)
    open()
    await holder
    expect(await straggler).toBe('in')
  })

  it('stays held until a nested section that nobody awaited has ended', async () => {
    const lock = makeLock()
    const { opened, open } = gate()
    let nested: Promise<void> | undefined
    await lock.run(() => {
      nested = lock.run(() => opened)
    })
    await expect(lock.run(() => {}, { timeoutMs: 1 })).rejects.toThrow(WaitTimeout)
    open()
    await nested
    expect(await lock.run(() => 'free', { timeoutMs: 0 })).toBe('free')
  })

  it('sends those who wait in a section that ends to the end of the whole line', async () => {
    const lock = makeLock()
    const { opened, open } = gate()
    const forked: Promise<unknown>[] = []
    const order: string[] = []
    await lock.run(() => {
      forked.push(lock.run(() => opened))
      forked.push(lock.run(() => order.push('forked')))
    })
    forked.push(lock.run(() => order.push('other')))
    open()
    await Promise.all(forked)
    expect(order.sort()).toEqual(['forked', 'other'])
    expect(lock.inside).toBe(0)
  })

  it('lets a task that waits in a section give up', async () => {
    const lock = makeLock()
    await lock.run(async () => {
      const { opened, open } = gate()
      const first = lock.run(() => opened)
      await expect(lock.run(() => {}, { timeoutMs: 1 })).rejects.toThrow(WaitTimeout)
      const third = lock.run(() => 'in')
      open()
      await first
      expect(await third).toBe('in')
    })
  })

  it('knows in which code it is held', async () => {
    const lock = makeLock()
    expect(lock.isHeld).toBe(false)
    await lock.run(async () => {
      await null
      expect(lock.isHeld).toBe(true)
    })
    expect(lock.isHeld).toBe(false)
  })
})

describe('giving up', () => {
  it('passes over a waiter whose time is up, and serves the next', async () => {
    const lock = makeLock()
    const { opened, open } = gate()
    const holder = lock.run(() => opened)
    const impatient = lock.run(() => 'never', { timeoutMs: 2 })
    const patient = lock.run(() => 'served')
    await expect(impatient).rejects.toThrow(/gave up waiting for lock 'test' after 2 ms/)
    open()
    expect(await patient).toBe('served')
    await holder
    expect(lock.inside).toBe(0)
  })

  it('rejects with the reason of the signal, before or during the wait', async () => {
    const lock = makeLock()
    const { opened, open } = gate()
    const holder = lock.run(() => opened)
    const abort = new AbortController()
    const waiting = lock.run(() => {}, { signal: abort.signal })
    abort.abort(new Error('no longer wanted'))
    await expect(waiting).rejects.toThrow('no longer wanted')
    await expect(lock.run(() => {}, { signal: abort.signal })).rejects.toThrow('no longer wanted')
    open()
    await holder
    expect(await lock.run(() => 'free', { timeoutMs: 0 })).toBe('free')
  })

  it('never loses the lock, whoever gives up when it is handed on', async () => {
    const lock = makeLock()
    const attempts = Array.from({ length: 300 }, (_, index) =>
      lock.run(allIdle, { timeoutMs: (index * 7) % 40 }).then(
        () => 'served',
        (error: unknown) => (error instanceof WaitTimeout ? 'gave up' : 'failed'),
      ),
    )
    const outcomes = new Set(await Promise.all(attempts))
    expect(outcomes).toEqual(new Set(['served', 'gave up']))
    expect(await lock.run(() => 'free', { timeoutMs: 0 })).toBe('free')
    expect(lock.queue).toBe(0)
  })
})

describe('the turn of a waiter that is still asleep', () => {
  /** A lock that was just handed to a task, which has not had the time to notice. */
  function handedOver() {
    const lock = makeLock()
    const hold = lock.tryAcquire()!
    const abort = new AbortController()
    const waiter = lock.run(() => 'served', { signal: abort.signal })
    lock.release(hold)
    return { lock, waiter, abort }
  }

  it('is lent to one caller at a time, and given back', async () => {
    const { lock, waiter } = handedOver()
    for (let turn = 0; turn < 3; turn++) {
      const borrowed = lock.tryAcquire()!
      expect(lock.tryAcquire()).toBeUndefined()
      lock.release(borrowed)
    }
    expect(await waiter).toBe('served')
    expect([lock.inside, lock.queue]).toEqual([0, 0])
  })

  it('comes next when the waiter wakes up while it is lent', async () => {
    const { lock, waiter } = handedOver()
    const borrowed = lock.tryAcquire()!
    await allIdle()
    const later = lock.run(() => 'later')
    lock.release(borrowed)
    expect(lock.tryAcquire()).toBeUndefined()
    expect(await Promise.race([waiter, later])).toBe('served')
    expect(await later).toBe('later')
  })

  it('goes to the next in line when the waiter gives up while it is lent', async () => {
    const { lock, waiter, abort } = handedOver()
    const borrowed = lock.tryAcquire()!
    const next = lock.run(() => 'next')
    await allIdle()
    abort.abort(new Error('no longer wanted'))
    await expect(waiter).rejects.toThrow('no longer wanted')
    lock.release(borrowed)
    expect(await next).toBe('next')
    expect([lock.inside, lock.queue]).toEqual([0, 0])
  })

  it('is lent only so many times', async () => {
    const lock = new ReentrantLock({ name: 'test', lends: 2 })
    const hold = lock.tryAcquire()!
    const waiter = lock.run(() => 'served')
    lock.release(hold)
    lock.release(lock.tryAcquire()!)
    lock.release(lock.tryAcquire()!)
    expect(lock.tryAcquire()).toBeUndefined()
    expect(await waiter).toBe('served')
  })
})

describe('misuse', () => {
  it('refuses a hold that has ended, or belongs to another lock', () => {
    const lock = makeLock()
    const hold = lock.tryAcquire()!
    expect(lock.tryAcquire()).toBeUndefined()
    expect(() => makeLock().release(hold)).toThrow(LockMisuse)
    lock.release(hold)
    expect(() => lock.release(hold)).toThrow(/release each hold once/)
    expect(lock.inside).toBe(0)
  })

  it('refuses to block the main thread, or on a task of its own thread', async () => {
    const lock = makeLock()
    const { opened, open } = gate()
    const other = new ReentrantLock({ name: 'test', buffer: lock.buffer })
    const holder = lock.run(() => opened)
    expect(() => lock.runSync(() => {})).toThrow(/a task of this thread holds it/)
    expect(() => other.runSync(() => {})).toThrow(/the main thread must not block/)
    const waiter = other.run(() => {})
    expect(() => other.runSync(() => {})).toThrow(/tasks of this thread are in line before/)
    open()
    await Promise.all([holder, waiter])
    expect(other.runSync(() => 'free')).toBe('free')
  })

  it('refuses an async section where it cannot be awaited', () => {
    const lock = makeLock()
    expect(() => lock.runSync(async () => {})).toThrow(/use run\(\)/)
    expect(lock.inside).toBe(0)
  })

  it('refuses sizes that make no sense', () => {
    expect(() => new ReentrantLock({ name: 'x', places: 3 })).toThrow(/power of two/)
  })
})

describe('afterRelease', () => {
  it('calls back at once outside a section, and after the outermost one inside', async () => {
    const lock = makeLock()
    const seen: string[] = []
    lock.afterRelease(() => seen.push(`outside: ${lock.inside}`))
    await lock.run(() => lock.run(() => lock.afterRelease(() => seen.push(`inside: ${lock.inside}`))))
    expect(seen).toEqual(['outside: 0', 'inside: 0'])
  })
})

describe('variants that override one small method', () => {
  it('blocks its own holder when it does not look for an enclosing section', async () => {
    class NotReentrant extends ReentrantLock {
      protected override enclosing(): undefined {}
    }
    const lock = new NotReentrant({ name: 'test' })
    await expect(lock.run(() => lock.run(() => {}, { timeoutMs: 1 }))).rejects.toThrow(WaitTimeout)
  })

  it('lets two tasks in at once when the thread counts as the owner', async () => {
    class OwnedByThread extends ReentrantLock {
      protected override enclosing(): Section | undefined {
        return this.heldHere ? new Section(this) : undefined
      }
    }
    const lock = new OwnedByThread({ name: 'test' })
    let [inside, most] = [0, 0]
    const task = async () => {
      most = Math.max(most, ++inside)
      await allIdle()
      inside--
    }
    await Promise.all([lock.run(task), lock.run(task)])
    expect(most).toBe(2)
  })

  it('lets another task in when a nested release lets go', async () => {
    class ReleasedTooEarly extends ReentrantLock {
      override release(hold: Section): void {
        super.release(hold)
        if (hold.outer !== undefined) this.leave()
      }
    }
    const lock = new ReleasedTooEarly({ name: 'test' })
    await lock.run(() => {
      lock.runSync(() => {})
      expect(lock.tryAcquire()).toBeDefined()
    })
  })

  it('stays locked when an error skips the release', async () => {
    class KeptOnError extends ReentrantLock {
      protected override async execute<T>(hold: Section, section: () => T | Promise<T>): Promise<T> {
        const result = await hold.contain(section)
        this.release(hold)
        return result
      }
    }
    const lock = new KeptOnError({ name: 'test' })
    await lock.run(() => Promise.reject(new Error('no'))).catch(() => {})
    expect(lock.inside).toBe(1)
  })

  it('stays locked when a waiter that gave up is handed the lock', async () => {
    class Abandoning extends ReentrantLock {
      protected override giveUp(): boolean {
        return true
      }
    }
    const lock = new Abandoning({ name: 'test', lends: 0 })
    const hold = lock.tryAcquire()!
    await lock.run(() => {}, { timeoutMs: 1 }).catch(() => {})
    lock.release(hold)
    expect(lock.tryAcquire()).toBeUndefined()
  })

  it('serves whoever comes first after a release when waiters have no place in line', async () => {
    class Barging extends ReentrantLock {
      protected override async enter(): Promise<void> {
        while (!this.tryEnter()) await new Promise(setImmediate)
      }
    }
    const lock = new Barging({ name: 'test' })
    const hold = lock.tryAcquire()!
    let served = false
    const waiter = lock.run(() => {
      served = true
    })
    lock.release(hold)
    for (let turn = 0; turn < 1_000; turn++) lock.runSync(() => expect(served).toBe(false))
    await waiter
  })
})

describe('what a lock publishes', () => {
  const published: LockProbe[] = []
  const listener = (message: unknown) => published.push(message as LockProbe)
  afterEach(() => {
    unsubscribe('raceproof:lock', listener)
    published.length = 0
  })

  it('tells each outermost acquisition with its wait and hold, and who gave up', async () => {
    subscribe('raceproof:lock', listener)
    const lock = new ReentrantLock({ name: 'sessions', id: 'sessions/1' })
    const { opened, open } = gate()
    const first = lock.run(() => lock.run(() => opened), { key: 'k' })
    const second = lock.run(() => {})
    await lock.run(() => {}, { timeoutMs: 1 }).catch(() => {})
    open()
    await Promise.all([first, second])

    expect(published.map(({ event }) => event)).toEqual([
      'acquired',
      'waiting',
      'waiting',
      'abandoned',
      'released',
      'acquired',
      'released',
    ])
    expect(published.every(({ lock, id }) => lock === 'sessions' && id === 'sessions/1')).toBe(true)
    expect(published[0]).toMatchObject({ key: 'k', waitMs: 0 })
    expect(published[1]).toMatchObject({ queue: 1 })
    expect(published[2]).toMatchObject({ queue: 2 })
    expect(published[4]).toMatchObject({ key: 'k', owner: published[0]!.owner })
    expect(published[4]!.holdMs).toBeGreaterThan(0)
    expect(published[5]!.waitMs).toBeGreaterThan(0)
    expect(new Set(published.map(({ owner }) => owner)).size).toBe(3)
  })

  it('names one owner for all locks that one context holds', async () => {
    subscribe('raceproof:lock', listener)
    const [outer, inner] = [new ReentrantLock({ name: 'outer' }), new ReentrantLock({ name: 'inner' })]
    await outer.run(() => inner.run(() => {}))
    expect(new Set(published.map(({ owner }) => owner)).size).toBe(1)
  })
})

describe('a lock between threads', () => {
  const count = `
    const { ReentrantLock } = await load('sync/reentrant-lock')
    const lock = new ReentrantLock({ name: 'test', buffer: data.lock })
    const cell = new Int32Array(data.cell)
    for (let turn = 0; turn < data.turns; turn++) lock.runSync(() => lock.runSync(() => { cell[0] = cell[0] + 1 }))`

  it('excludes workers, which block, and an event loop, which does not', async () => {
    const lock = makeLock()
    const cell = new SharedArrayBuffer(4)
    const counter = new Int32Array(cell)
    const workers = [1, 2, 3].map(() => inWorker(count, { lock: lock.buffer, cell, turns: 20_000 }))
    for (let turn = 0; turn < 500; turn++) {
      await lock.run(async () => {
        const read = counter[0]!
        await null
        counter[0] = read + 1
      })
    }
    await Promise.all(workers)
    expect(counter[0]).toBe(3 * 20_000 + 500)
    expect(lock.inside).toBe(0)
  })

  /** How often a worker that comes again and again gets in while a task of the event loop is in line. */
  async function overtakings(lock: ReentrantLock): Promise<number[]> {
    const stop = new Int32Array(new SharedArrayBuffer(8))
    const hammering = inWorker(
      `const { ReentrantLock } = await load('sync/reentrant-lock')
       const lock = new ReentrantLock({ name: 'test', buffer: data.lock })
       const stop = new Int32Array(data.stop)
       while (Atomics.load(stop, 0) === 0) lock.runSync(() => { Atomics.add(stop, 1, 1) })`,
      { lock: lock.buffer, stop: stop.buffer },
    )
    const overtaken: number[] = []
    for (let turn = 0; turn < 200; turn++) {
      // Let the worker go round at least once, so that it competes for every turn.
      const seen = Atomics.load(stop, 1)
      while (Atomics.load(stop, 1) === seen) await new Promise(setImmediate)
      const served = lock.run(() => Atomics.load(stop, 1))
      const inLine = Atomics.load(stop, 1)
      overtaken.push((await served) - inLine)
    }
    Atomics.store(stop, 0, 1)
    await hammering
    return overtaken
  }

  it('keeps to the order of arrival when turns are not lent', async () => {
    const overtaken = await overtakings(new ReentrantLock({ name: 'test', lends: 0 }))
    // Only the one who is inside when the task gets in line comes before it.
    expect(Math.max(...overtaken)).toBeLessThanOrEqual(1)
  })

  it('lets nobody be overtaken more often than turns may be lent', async () => {
    const overtaken = await overtakings(new ReentrantLock({ name: 'test', lends: 5 }))
    expect(Math.max(...overtaken)).toBeLessThanOrEqual(6)
  })

  it('is never lost, whoever gives up in whichever thread when it is handed on', async () => {
    const lock = new ReentrantLock({ name: 'test', places: 4 })
    const cell = new SharedArrayBuffer(4)
    const worker = () =>
      inWorker<number>(
        `const { ReentrantLock } = await load('sync/reentrant-lock')
         const lock = new ReentrantLock({ name: 'test', buffer: data.lock })
         const cell = new Int32Array(data.cell)
         let served = 0
         for (let turn = 0; turn < 3_000; turn++) {
           try {
             lock.runSync(() => { cell[0] = cell[0] + 1; served++ }, { timeoutMs: turn % 3 ? Infinity : 0.05 })
           } catch (error) {
             if (error.name !== 'WaitTimeout') throw error
           }
         }
         return served`,
        { lock: lock.buffer, cell },
      )
    const counter = new Int32Array(cell)
    let served = 0
    const task = async (index: number) => {
      for (let turn = 0; turn < 100; turn++) {
        const increment = async () => {
          const read = counter[0]!
          await null
          counter[0] = read + 1
          served++
        }
        await lock.run(increment, { timeoutMs: (turn + index) % 2 ? 1_000_000 : 0.1 }).catch(() => {})
      }
    }
    const workers = Promise.all([worker(), worker(), worker()])
    await Promise.all(Array.from({ length: 10 }, (_, index) => task(index)))
    const all = (await workers).reduce((sum, count) => sum + count, served)
    expect(counter[0]).toBe(all)
    expect([lock.inside, lock.queue]).toEqual([0, 0])
    expect(lock.tryAcquire()).toBeDefined()
  })

  it('passes over a worker that gave up', async () => {
    const lock = makeLock()
    const { opened, open } = gate()
    const holder = lock.run(() => opened)
    const gaveUp = await inWorker(
      `const { ReentrantLock } = await load('sync/reentrant-lock')
       const lock = new ReentrantLock({ name: 'test', buffer: data })
       try { lock.runSync(() => {}, { timeoutMs: 5 }) } catch (error) { return error.name }`,
      lock.buffer,
    )
    const next = lock.run(() => 'served')
    open()
    await holder
    expect(gaveUp).toBe('WaitTimeout')
    expect(await next).toBe('served')
  })

  it('wakes a worker that blocks, also outside a full line', async () => {
    const lock = new ReentrantLock({ name: 'test', places: 2 })
    const { opened, open } = gate()
    const holder = lock.run(() => opened)
    const cell = new SharedArrayBuffer(4)
    const workers = [1, 2, 3].map(() => inWorker(count, { lock: lock.buffer, cell, turns: 5 }))
    while (lock.waits < 3) await new Promise(setImmediate)
    open()
    await Promise.all([holder, ...workers])
    expect(new Int32Array(cell)[0]).toBe(15)
  })

  it('keeps the process alive while a task waits for a lock that a worker holds', async () => {
    const program = `
      import { Worker } from 'node:worker_threads'
      import { ReentrantLock } from ${JSON.stringify(builtFile('reference-impl/sync/reentrant-lock'))}
      const lock = new ReentrantLock({ name: 'test' })
      const hold = lock.tryAcquire()
      const cell = new Int32Array(new SharedArrayBuffer(4))
      const worker = new Worker("const { workerData } = require('node:worker_threads'); Atomics.wait(workerData, 0, 0, 100); Atomics.store(workerData, 0, 1)", { eval: true, execArgv: [], workerData: cell })
      worker.unref()
      worker.once('exit', () => lock.release(hold))
      await lock.run(() => console.log('got it'))`
    const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', program])
    expect(stdout).toBe('got it')
  })
})
