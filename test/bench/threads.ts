import { type ExploreThreadsOptions, exploreThreads, ThreadFailure } from '../../harness/threads/explore-threads.ts'
import { ReentrantLock } from '../../reference-impl/sync/reentrant-lock.ts'
import type { Figure } from './figure.ts'

const name = 'bench'
const setup = () => new ReentrantLock({ name, places: 4, lends: 1 }).buffer
const replays = 100

/** Takes the reference lock twice over, as a worker would. */
function enter(buffer: SharedArrayBuffer): void {
  const lock = new ReentrantLock({ name, buffer })
  lock.runSync(() => lock.runSync(() => {}))
}

/** How fast the reference lock is explored, how long all of its orders take, and whether failures repeat exactly. */
export async function figures(): Promise<Figure[]> {
  const random = await fastest(2, { strategy: 'random', schedules: 20_000 })
  const perSecond = random.schedules / random.seconds
  const perCpuSecond = random.schedules / random.cpuSeconds
  const two = await fastest(2, { strategy: 'exhaustive', schedules: 1_000_000 })
  const three = await explored(3, { strategy: 'exhaustive', schedules: 10_000_000 })
  const same = await replayed()
  return [
    figure('threads: reference lock, 2 threads, schedules', perSecond, '1/s', '≥ 50,000/s', perSecond >= 50_000),
    figure('threads: the same, for each second of CPU', perCpuSecond, '1/s', '≥ 50,000/s', perCpuSecond >= 50_000),
    figure(`threads: the same, all ${two.schedules} traces`, two.seconds, 's', '< 0.1 s', isProved(two, 0.1)),
    figure(`threads: 3 threads, all ${three.schedules} traces`, three.seconds, 's', '< 30 s', isProved(three, 30)),
    figure('threads: failures that replay identically', same, 'failures', `${replays} of ${replays}`, same === replays),
  ]
}

interface Explored {
  readonly schedules: number
  readonly exhausted: boolean
  readonly seconds: number
  /** Of all threads of the process, those of V8 included. */
  readonly cpuSeconds: number
}

/** The fastest of a few explorations, since noise only ever adds. */
async function fastest(threads: number, options: ExploreThreadsOptions): Promise<Explored> {
  const measured: Explored[] = []
  for (let sample = 0; sample < 10; sample++) measured.push(await explored(threads, options))
  return measured.sort((one, other) => one.seconds - other.seconds)[0]!
}

async function explored(threads: number, options: ExploreThreadsOptions): Promise<Explored> {
  const startMs = performance.now()
  const cpuBefore = process.cpuUsage()
  const program = { setup, threads: Array.from({ length: threads }, () => enter) }
  const { schedules, exhausted } = await exploreThreads(program, options)
  const { user, system } = process.cpuUsage(cpuBefore)
  const seconds = (performance.now() - startMs) / 1000
  return { schedules, exhausted, seconds, cpuSeconds: (user + system) / 1e6 }
}

function isProved({ exhausted, seconds }: Explored, secondsMax: number): boolean {
  return exhausted && seconds < secondsMax
}

/** How many of the failures of a counter without a lock tell the same when they are replayed. */
async function replayed(): Promise<number> {
  let same = 0
  for (let seed = 1; seed <= replays; seed++) {
    const failure = await lostUpdate({ strategy: 'random', seed })
    const again = await lostUpdate({ seed, replay: failure.replay })
    if (again.replay === failure.replay && JSON.stringify(again.steps) === JSON.stringify(failure.steps)) same++
  }
  return same
}

async function lostUpdate(options: ExploreThreadsOptions): Promise<ThreadFailure> {
  const add = (words: Int32Array) => void Atomics.store(words, 0, Atomics.load(words, 0) + 1)
  const program = {
    setup: () => new Int32Array(new SharedArrayBuffer(4)),
    threads: [add, add, add],
    final: (words: Int32Array) => {
      if (words[0] !== 3) throw new Error(`an update was lost: ${words[0]} of 3`)
    },
  }
  const failure = await exploreThreads(program, options).catch((thrown: unknown) => thrown)
  if (failure instanceof ThreadFailure) return failure
  throw new Error('expected a counter without a lock to lose an update', { cause: failure })
}

function figure(what: string, value: number, unit: string, goal: string, met: boolean): Figure {
  return { name: what, value, unit, peer: null, peerValue: null, ratio: null, goal, met }
}
