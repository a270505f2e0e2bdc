import type { SimEvent } from '../core/event.ts'
import { Lane } from '../core/lane.ts'
import type { SimNode } from '../core/node.ts'
import type { Simulation } from '../core/simulation.ts'

type WakeReason = 'ok' | 'timed-out'

/** One `Atomics.waitAsync` that has not been settled. */
interface Waiter {
  readonly name: string
  readonly node: SimNode
  readonly settle: (reason: WakeReason) => void
  timeOut: SimEvent | undefined
}

/** The waiters of one shared memory, by the byte at which they wait, first come first. */
type WaiterLists = Map<number, Waiter[]>

/**
 * Who sleeps on shared memory in one schedule.
 *
 * The lists are those of the ECMAScript specification: one for each address, first in, first out. Who is woken hears of it
 * as V8 tells it: one task for each process settles all its waiters that were woken by then, in the order in which they
 * were, whatever their addresses; so that task is an event of the process. A time-out is an event of the waiter's own.
 */
export class AtomicsWaiters {
  readonly #simulation: Simulation
  readonly #memories = new Map<SharedArrayBuffer, WaiterLists>()
  readonly #woken = new Map<SimNode, Waiter[]>()
  readonly #wakeLanes = new Map<SimNode, Lane>()

  constructor(simulation: Simulation) {
    this.#simulation = simulation
  }

  /** Waits at an address; for ever when the time-out is infinite. */
  wait(memory: SharedArrayBuffer, address: number, timeoutMs: number): Promise<WakeReason> {
    return new Promise((settle) => {
      const { node } = this.#simulation
      const name = `atomics#${this.#simulation.count('atomics')}`
      const waiter: Waiter = { name, node, settle, timeOut: undefined }
      this.#join(memory, address, waiter)
      waiter.timeOut = this.#pushTimeOut(memory, address, waiter, timeoutMs)
    })
  }

  /** Wakes up to `count` waiters of an address, those that came first; returns how many there were. */
  notify(memory: SharedArrayBuffer, address: number, count: number): number {
    const known = this.#known(memory)
    const woken = known?.lists.get(address)?.splice(0, count) ?? []
    if (known !== undefined) this.#forgetEmpty(known.memory, address)
    for (const waiter of woken) this.#wake(waiter)
    return woken.length
  }

  #join(memory: SharedArrayBuffer, address: number, waiter: Waiter): void {
    const lists = this.#known(memory)?.lists ?? new Map<number, Waiter[]>()
    if (lists.size === 0) this.#memories.set(memory, lists)
    const list = lists.get(address)
    if (list === undefined) lists.set(address, [waiter])
    else list.push(waiter)
  }

  /**
   * The time-out keeps nothing going, as in Node, where only a timer would. That of a waiter without one can never happen, but
   * tells what a schedule waits for that is stuck.
   */
  #pushTimeOut(memory: SharedArrayBuffer, address: number, waiter: Waiter, timeoutMs: number): SimEvent {
    const lane = new Lane(waiter.name, waiter.node, 'poll')
    const isEndless = timeoutMs === Number.POSITIVE_INFINITY
    this.#simulation.setBlocked(lane, isEndless)
    return this.#simulation.push(lane, {
      label: isEndless ? `sleeps at byte ${address} until it is notified` : 'timed-out',
      delayMs: isEndless ? 0 : Math.round(timeoutMs),
      ref: false,
      run: () => {
        this.#leave(memory, address, waiter)
        waiter.settle('timed-out')
      },
    })
  }

  #leave(memory: SharedArrayBuffer, address: number, waiter: Waiter): void {
    const known = this.#known(memory)
    const list = known?.lists.get(address)
    if (known === undefined || list === undefined) return
    list.splice(list.indexOf(waiter), 1)
    this.#forgetEmpty(known.memory, address)
  }

  #forgetEmpty(memory: SharedArrayBuffer, address: number): void {
    const lists = this.#memories.get(memory)
    if (lists?.get(address)?.length === 0) lists.delete(address)
    if (lists?.size === 0) this.#memories.delete(memory)
  }

  #wake(waiter: Waiter): void {
    if (waiter.timeOut !== undefined) this.#simulation.cancel(waiter.timeOut)
    const comrades = this.#woken.get(waiter.node)
    if (comrades !== undefined) {
      comrades.push(waiter)
      return
    }
    this.#woken.set(waiter.node, [waiter])
    this.#simulation.push(this.#wakeLane(waiter.node), {
      label: `wake ${waiter.name}`,
      windowMs: waiter.node === this.#simulation.node ? 0 : this.#simulation.windowMs,
      run: () => this.#settleWoken(waiter.node),
    })
  }

  #settleWoken(node: SimNode): void {
    const woken = this.#woken.get(node) ?? []
    this.#woken.delete(node)
    for (const waiter of woken) waiter.settle('ok')
  }

  #wakeLane(node: SimNode): Lane {
    let lane = this.#wakeLanes.get(node)
    if (lane === undefined) {
      lane = new Lane(`atomics:${node.name}`, node, 'poll')
      node.addWakeUp(lane, true)
      this.#wakeLanes.set(node, lane)
    }
    return lane
  }

  /**
   * The lists of a memory that somebody sleeps on. A clone of a SharedArrayBuffer is another object over the same bytes, and
   * is recognized as such.
   */
  #known(memory: SharedArrayBuffer): { memory: SharedArrayBuffer; lists: WaiterLists } | undefined {
    const lists = this.#memories.get(memory)
    if (lists !== undefined) return { memory, lists }
    for (const [other, otherLists] of this.#memories) {
      if (areSameBytes(memory, other)) return { memory: other, lists: otherLists }
    }
    return undefined
  }
}

/** Changes a byte of one, looks whether it changed in the other, and puts it back. */
function areSameBytes(one: SharedArrayBuffer, other: SharedArrayBuffer): boolean {
  if (one.byteLength !== other.byteLength || one.byteLength === 0) return false
  const [here, there] = [new Uint8Array(one), new Uint8Array(other)]
  const before = here[0] as number
  const isSameBefore = there[0] === before
  here[0] = before ^ 0xff
  const isSameAfter = there[0] === (before ^ 0xff)
  here[0] = before
  return isSameBefore && isSameAfter
}
