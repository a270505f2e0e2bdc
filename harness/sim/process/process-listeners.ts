import { Lane } from '../core/lane.ts'
import type { SimNode } from '../core/node.ts'

type Listener = (...args: unknown[]) => void

/** A listener that a process has added several times. */
export interface RepeatedListener {
  readonly event: string | symbol
  readonly node: SimNode
  readonly count: number
  /** The one that was added last. */
  readonly last: object
}

/**
 * Who listens to what of its own process. There is one `process` object in the thread, so each listener is remembered
 * together with the process of the schedule that added it.
 */
export class ProcessListeners {
  readonly #added: { event: string | symbol; listener: Listener; node: SimNode }[] = []
  readonly #signals = new Map<SimNode, Lane>()

  note(event: string | symbol, listener: Listener, node: SimNode): void {
    this.#added.push({ event, listener, node })
  }

  /** Calls the listeners of one process; returns whether there were any. */
  call(node: SimNode, event: string, ...args: unknown[]): boolean {
    const own = this.#listenersOf(node, event)
    for (const listener of own) listener.apply(process, args)
    return own.length > 0
  }

  /**
   * Listeners that a process has added more than once and not removed. One that is added once stays for good in most programs;
   * one that comes again, with the same code for the same event, grows with what the process does.
   */
  repeated(): RepeatedListener[] {
    if (this.#added.length < 2) return []
    const groups = new Map<string, RepeatedListener & { count: number }>()
    for (const added of this.#added) {
      const { event, listener, node } = added
      if (!(process.rawListeners(event as never) as Listener[]).some((raw) => originalOf(raw) === original(added)))
        continue
      const key = JSON.stringify([node.name, String(event), String(original(added))])
      const group = groups.get(key)
      if (group === undefined) groups.set(key, { event, node, count: 1, last: listener })
      else Object.assign(group, { count: group.count + 1, last: listener })
    }
    return [...groups.values()].filter(({ count }) => count > 1)
  }

  removeAll(node: SimNode): void {
    const events = new Set(this.#added.filter((added) => added.node === node).map(({ event }) => event))
    for (const event of events) {
      for (const listener of this.#listenersOf(node, event)) process.removeListener(event, listener)
    }
  }

  /** Signals reach a process in the order in which they were sent. */
  signalLane(node: SimNode): Lane {
    const lane = this.#signals.get(node) ?? new Lane(`signals:${node.name}`, node, 'poll')
    this.#signals.set(node, lane)
    return lane
  }

  #listenersOf(node: SimNode, event: string | symbol): Listener[] {
    const own = new Set(this.#added.filter((added) => added.node === node && added.event === event).map(original))
    return (process.rawListeners(event as never) as Listener[]).filter((raw) => own.has(originalOf(raw)))
  }
}

function original({ listener }: { listener: Listener }): Listener {
  return originalOf(listener)
}

/** `once` wraps what it is given. */
function originalOf(listener: Listener & { listener?: Listener }): Listener {
  return listener.listener ?? listener
}
