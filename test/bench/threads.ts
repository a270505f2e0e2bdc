import { type ExploreThreadsOptions, exploreThreads } from '../../harness/threads/explore-threads.ts'
import { ReentrantLock } from '../../reference-impl/sync/reentrant-lock.ts'
import type { Figure } from './figure.ts'

const name = 'bench'
const setup = () => new ReentrantLock({ name, places: 4, lends: 1 }).buffer

/** Takes the reference lock twice over, as a worker would. */
function enter(buffer: SharedArrayBuffer): void {
  const lock = new ReentrantLock({ name, buffer })
  lock.runSync(() => lock.runSync(() => {}))
}

/** How fast the reference lock is explored by two threads, and how long all of its orders take. */
export async function figures(): Promise<Figure[]> {
  const random = await fastest({ strategy: 'random', schedules: 20_000 })
  const all = await fastest({ strategy: 'exhaustive', schedules: 1_000_000 })
  if (!all.exhausted) throw new Error('expected all orders of two threads with the lock to be explored')
  const perSecond = random.schedules / random.seconds
  return [
    figure('threads: reference lock, 2 threads, schedules', perSecond, '1/s', '≥ 50,000/s', perSecond >= 50_000),
    figure(`threads: the same, all ${all.schedules} traces`, all.seconds, 's', '< 0.1 s', all.seconds < 0.1),
  ]
}

/** The fastest of a few explorations, since noise only ever adds. */
async function fastest(options: ExploreThreadsOptions) {
  const measured = []
  for (let sample = 0; sample < 5; sample++) {
    const startMs = performance.now()
    const { schedules, exhausted } = await exploreThreads({ setup, threads: [enter, enter] }, options)
    measured.push({ schedules, exhausted, seconds: (performance.now() - startMs) / 1000 })
  }
  return measured.sort((one, other) => one.seconds - other.seconds)[0]!
}

function figure(what: string, value: number, unit: string, goal: string, met: boolean): Figure {
  return { name: what, value, unit, peer: null, peerValue: null, ratio: null, goal, met }
}
