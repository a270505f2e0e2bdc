import type { HistoryEvent } from '../../harness/history/event.ts'
import { Random } from '../../harness/random.ts'

/** What the simulated clients do with one object: draw a call, and let it take effect. */
export interface Workload {
  /** `state` is the client's own, such as whether it holds the lock. */
  ask(random: Random, call: number, client: number): { f: string; input: unknown }
  effect(f: string, input: unknown, client: number): unknown
}

interface Step {
  atMs: number
  order: number
  run(atMs: number): void
}

/**
 * A history of clients that use one object without pause, each call taking effect between its begin and its end, one in
 * twenty taking nine times as long as the others: with 100 clients, about 75 calls are open at any moment. It is
 * linearizable, and the same for equal seeds.
 */
export function concurrentHistory(workload: Workload, clients: number, calls: number, seed = 1): HistoryEvent[] {
  const random = new Random(seed)
  const events: HistoryEvent[] = []
  const steps = new Timetable()
  let begun = 0
  const latencyMs = () => 0.05 + random.real() + (random.chance(0.05) ? 8 * random.real() : 0)
  const begin = (client: number) => (atMs: number) => {
    if (begun === calls) return
    const call = begun++
    const { f, input } = workload.ask(random, call, client)
    const common = { client: `c${client}`, call, f }
    events.push({ type: 'invoke', timeMs: atMs, ...common, input })
    steps.add(atMs + latencyMs(), (effectMs) => {
      const output = workload.effect(f, input, client)
      steps.add(effectMs + latencyMs(), (endMs) => {
        events.push({ type: 'ok', timeMs: endMs, ...common, output })
        steps.add(endMs + random.real(), begin(client))
      })
    })
  }
  for (let client = 0; client < clients; client++) steps.add(random.real(), begin(client))
  for (let step = steps.take(); step !== undefined; step = steps.take()) step.run(step.atMs)
  return events
}

/** A binary heap of steps by time, those of one time in the order in which they were added. */
class Timetable {
  readonly #heap: Step[] = []
  #added = 0

  add(atMs: number, run: (atMs: number) => void): void {
    const step = { atMs, order: this.#added++, run }
    const heap = this.#heap
    let place = heap.length
    for (let parent = (place - 1) >> 1; place > 0 && before(step, heap[parent]!); parent = (place - 1) >> 1) {
      heap[place] = heap[parent]!
      place = parent
    }
    heap[place] = step
  }

  take(): Step | undefined {
    const heap = this.#heap
    const first = heap[0]
    const moved = heap.pop()
    if (moved === undefined || heap.length === 0) return first
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (child >= heap.length || !before(heap[child]!, moved)) break
      heap[place] = heap[child]!
      place = child
    }
    heap[place] = moved
    return first
  }
}

function before(one: Step, other: Step): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)
}
