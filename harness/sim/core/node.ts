import type { SimEvent } from './event.ts'
import { Lane } from './lane.ts'

/** Where a process's event loop is: before its first turn, or in the phase whose callbacks it runs. */
export type Phase = 'start' | 'timers' | 'poll' | 'check' | 'close'

/**
 * One operating-system process of the simulation, with an event loop of its own. Two nodes share nothing but
 * connections, so the order of their events is free.
 */
export class SimNode {
  readonly name: string
  readonly immediates: Lane
  readonly closings: Lane
  /** A list for each duration, as Node keeps them. */
  readonly timerLists = new Map<number, Lane>()
  phase: Phase = 'start'
  /** The loop's own time: what the clock said when its last callback ended. */
  clockMs = 0
  /** The timer list that the timers phase is working off. */
  runningList: Lane | undefined
  /** Events with a lower sequence number belong to the batch that the poll phase is working off. */
  pollLimit = 0
  /** The same for immediates, which the check phase runs as one batch. */
  checkLimit = 0
  /** The same for close callbacks. */
  closeLimit = 0

  constructor(name: string) {
    this.name = name
    this.immediates = new Lane(`immediates:${name}`, this, 'immediate')
    this.closings = new Lane(`close:${name}`, this, 'close')
  }

  timerList(durationMs: number): Lane {
    let list = this.timerLists.get(durationMs)
    if (list === undefined) {
      list = new Lane(`timer:${this.name}:${durationMs}`, this, 'timer')
      this.timerLists.set(durationMs, list)
    }
    return list
  }

  /** Whether a timer is due by the loop's own time; the loop runs those before it looks for anything else. */
  hasDueTimer(): boolean {
    for (const list of this.timerLists.values()) {
      if (list.activeIndex >= 0 && (list.head as SimEvent).readyMs <= this.clockMs) return true
    }
    return false
  }
}
