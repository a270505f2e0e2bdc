import { Mutex } from 'async-mutex'
import { ReentrantLock } from '../../reference-impl/sync/reentrant-lock.ts'
import { type Figure, median } from './figure.ts'
import { interleaved } from './timing.ts'

/** What the re-entrant lock costs when nobody else wants it, beside async-mutex, which knows one thread and no owner. */
export async function figures(): Promise<Figure[]> {
  const lock = new ReentrantLock({ name: 'bench' })
  const mutex = new Mutex()
  const rounds = await interleaved(
    {
      core: (times) => {
        for (let turn = 0; turn < times; turn++) lock.release(lock.tryAcquire()!)
      },
      runSync: (times) => {
        for (let turn = 0; turn < times; turn++) lock.runSync(nothing)
      },
      run: async (times) => {
        for (let turn = 0; turn < times; turn++) await lock.run(nothing)
      },
      mutex: async (times) => {
        for (let turn = 0; turn < times; turn++) (await mutex.acquire())()
      },
      mutexRun: async (times) => {
        for (let turn = 0; turn < times; turn++) await mutex.runExclusive(nothing)
      },
    },
    { rounds: 15 },
  )
  const of = (name: keyof (typeof rounds)[number]) => median(rounds.map((round) => round[name]))
  return [
    beside('lock: uncontended acquire + release', of('core'), 'async-mutex acquire + release', of('mutex'), 40),
    beside('lock: uncontended runSync()', of('runSync'), 'async-mutex runExclusive()', of('mutexRun'), null),
    beside('lock: uncontended run()', of('run'), 'async-mutex runExclusive()', of('mutexRun'), null),
  ]
}

function beside(name: string, value: number, peer: string, peerValue: number, goalNs: number | null): Figure {
  const goal = goalNs === null ? 'none; for comparison' : `≤ ${goalNs} ns`
  const met = goalNs === null || value <= goalNs
  return { name, value, unit: 'ns', peer, peerValue, ratio: value / peerValue, goal, met }
}

function nothing(): void {}
