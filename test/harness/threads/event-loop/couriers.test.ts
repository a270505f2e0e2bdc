import type { MessagePort } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../../harness/random.ts'
import { oneSchedule } from '../../../../harness/threads/one-schedule.ts'
import { Running } from '../../../../harness/threads/running.ts'
import { everyOrder } from '../../../../harness/threads/strategy/every-order.ts'
import { sourceSets } from '../../../../harness/threads/strategy/source-sets.ts'
import type { Strategy } from '../../../../harness/threads/strategy/strategy.ts'
import type { ThreadFunction } from '../../../../harness/threads/thread-program.ts'
import { inThreadWorld } from '../../../../harness/threads/thread-world.ts'

interface Shared {
  readonly words: Int32Array
  /** The ends that are posted to, and those that are listened to. */
  readonly to: readonly MessagePort[]
  readonly from: readonly MessagePort[]
}

/** What a thread that posts does, in order. */
type Step = 'post a' | 'post b' | 'notify' | 'store'

const steps: readonly Step[] = ['post a', 'post b', 'notify', 'store']

function setup(): Shared {
  const channels = [new MessageChannel(), new MessageChannel()]
  return {
    words: new Int32Array(new SharedArrayBuffer(8)),
    to: channels.map(({ port1 }) => port1 as unknown as MessagePort),
    from: channels.map(({ port2 }) => port2 as unknown as MessagePort),
  }
}

const posting =
  (program: readonly Step[]): ThreadFunction<Shared> =>
  ({ words, to: [a, b] }) => {
    for (const [at, step] of program.entries()) {
      if (step === 'post a') a!.postMessage(`a${at}`)
      else if (step === 'post b') b!.postMessage(`b${at}`)
      else if (step === 'notify') Atomics.notify(words, 0)
      else Atomics.store(words, 1, at + 1)
    }
  }

/** Hears of whatever comes, and what the memory was then. */
const hearing: ThreadFunction<Shared> = async ({ words, from }) => {
  const heard: string[] = []
  const hear = (what: unknown) => void heard.push(`${what} at ${Atomics.load(words, 1)}`)
  for (const port of from) port.on('message', hear)
  const slept = Atomics.waitAsync(words, 0, 0)
  Promise.resolve(slept.value).then(hear)
  return heard
}

/** All that can be heard in a program; null when that takes too many schedules. */
function outcomesOf(programs: readonly Step[][], strategy: Strategy, running: Running): Set<string> | null {
  const functions = [...programs.map(posting), hearing]
  const seen = new Set<string>()
  for (let runs = 0; runs < 3_000; runs++) {
    const { result } = oneSchedule({ setup, threads: functions }, functions, strategy, {
      running,
      seed: 1,
      steps: 200,
      original: String,
    })
    if (result.thrown !== undefined) throw result.thrown
    if (result.ending !== 'redundant') seen.add(JSON.stringify([result.ending, result.returned.at(-1)]))
    if (!strategy.end(result.pending)) return seen
  }
  return null
}

describe('couriers', () => {
  it('bring events in exactly those orders that all schedules together have, on 60 random programs', async () => {
    const random = new Random('couriers')
    const draw = (length: number) => Array.from({ length }, () => steps[random.bits() % steps.length]!)
    const running = new Running()
    let orders = 0
    await inThreadWorld(running, false, () => {
      for (let compared = 0; compared < 60; ) {
        const programs = random.bits() % 2 === 0 ? [draw(3)] : [draw(1), draw(1)]
        const all = outcomesOf(programs, everyOrder(), running)
        if (all === null) continue
        compared++
        orders += all.size
        const reduced = outcomesOf(programs, sourceSets(), running)
        expect([...(reduced ?? [])].sort(), JSON.stringify(programs)).toEqual([...all].sort())
      }
    })
    expect(orders).toBeGreaterThan(150)
  })
})
