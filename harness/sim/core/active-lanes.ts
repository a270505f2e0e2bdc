import type { SimEvent } from './event.ts'
import type { Lane } from './lane.ts'
import type { SimNode } from './node.ts'

/**
 * The lanes whose head may be considered, and which of the heads may come next. That is asked before every step, and a crowd
 * has many lanes: what the answer depends on is kept side by side, as most of the time would go into looking it up.
 */
export class ActiveLanes {
  readonly #lanes: Lane[] = []
  // By the lane's place. What lies beyond the last lane is old.
  readonly #nodes: SimNode[] = []
  readonly #heads: SimEvent[] = []
  readonly #readyMs: number[] = []
  readonly #deadlineMs: number[] = []
  /** The head's place among all events, where it comes from outside its process; infinite where the rules ask for more. */
  readonly #sequences: number[] = []
  readonly #enabled: SimEvent[] = []
  /** The first deadline of those that do not stand still; NaN when it is to be looked for. */
  #soonestMs = Number.NaN

  add(lane: Lane): void {
    if (lane.activeIndex >= 0) return
    this.#put(lane, this.#lanes.length)
  }

  remove(lane: Lane): void {
    const place = lane.activeIndex
    if (place < 0) return
    lane.activeIndex = -1
    this.#forget(place)
    const last = this.#lanes.pop() as Lane
    if (last !== lane) this.#put(last, place)
  }

  /** Must be told when another event has come to the head of a lane that is active. */
  headHasChanged({ activeIndex: place, node, head, kind, wakeUp }: Lane): void {
    const { readyMs, deadlineMs, sequence } = head as SimEvent
    this.#forget(place)
    if (deadlineMs < this.#soonestMs && !node.isPaused) this.#soonestMs = deadlineMs
    this.#heads[place] = head as SimEvent
    this.#readyMs[place] = readyMs
    this.#deadlineMs[place] = deadlineMs
    this.#sequences[place] = kind === 'poll' && wakeUp < 0 ? sequence : Number.POSITIVE_INFINITY
  }

  /** Must be told when a process begins to stand still, and when it goes on. */
  pausesHaveChanged(): void {
    this.#soonestMs = Number.NaN
  }

  /** The events of which any may happen next. The list is reused. */
  enabled(nowMs: number): readonly SimEvent[] {
    const lanes = this.#lanes
    const enabled = this.#enabled
    const limitMs = this.#limitMs(nowMs)
    let count = 0
    for (let place = 0; place < lanes.length; place++) {
      if ((this.#readyMs[place] as number) > limitMs) continue
      const node = this.#nodes[place] as SimNode
      if (node.isPaused) continue
      const isSurelyLegal = (this.#sequences[place] as number) < node.arrivalLimit
      if (!isSurelyLegal && !(lanes[place] as Lane).isHeadLegal) continue
      enabled[count++] = this.#heads[place] as SimEvent
    }
    // To set the length is a call into V8.
    while (enabled.length > count) enabled.pop()
    return enabled
  }

  clear(): void {
    for (const list of [this.#lanes, this.#nodes, this.#heads, this.#enabled]) list.length = 0
  }

  /** Nothing may come that is ready only after another has to have come. */
  #limitMs(nowMs: number): number {
    if (Number.isNaN(this.#soonestMs)) this.#soonestMs = this.#lookForSoonestMs()
    return Math.max(this.#soonestMs, nowMs)
  }

  #lookForSoonestMs(): number {
    const count = this.#lanes.length
    let soonestMs = Number.POSITIVE_INFINITY
    for (let place = 0; place < count; place++) {
      const deadlineMs = this.#deadlineMs[place] as number
      if (deadlineMs < soonestMs && !(this.#nodes[place] as SimNode).isPaused) soonestMs = deadlineMs
    }
    return soonestMs
  }

  /** The head at a place will not be the soonest any more. */
  #forget(place: number): void {
    if (this.#deadlineMs[place] === this.#soonestMs) this.#soonestMs = Number.NaN
  }

  #put(lane: Lane, place: number): void {
    lane.activeIndex = place
    this.#lanes[place] = lane
    this.#nodes[place] = lane.node
    this.headHasChanged(lane)
  }
}
