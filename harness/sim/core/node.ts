import type { SimEvent } from './event.ts'
import { Lane } from './lane.ts'
import { arrivalLimitOf } from './legality.ts'

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
  /** How far the calendar of the process is off, in milliseconds; its timers and monotonic clocks are never off. */
  calendarOffsetMs = 0
  /** The timer list that the timers phase is working off. */
  runningList: Lane | undefined
  /** Events with a lower sequence number belong to the batch that the poll phase is working off. */
  pollLimit = 0
  /** What the process wakes its own loop by, such as message ports: the loop looks at all in one go, in this order. */
  readonly wakeUps: Lane[] = []
  /** How far the poll phase has come in going through those; -1 when it is not at it. */
  wakeUpPlace = -1
  /** The same for immediates, which the check phase runs as one batch. */
  checkLimit = 0
  /** The same for close callbacks. */
  closeLimit = 0
  /** Whether the process stands still: nothing happens in it, and all that comes to it waits. */
  isPaused = false
  /** Whether the process is gone: nothing happens in it any more, and what its code still starts is lost. */
  hasEnded = false
  /** What `process.exitCode` was set to. */
  exitCode: number | string | null | undefined
  /** Called when an event of the process is over, ticks and microtasks included. */
  afterEvent: (() => void) | undefined
  /** Called when the process has ended. */
  readonly whenEnded = new Set<() => void>()
  /** Counts the changes on which it depends which events of the process may come next. */
  version = 0
  #limitSeenAt = -1
  #arrivalLimit = 0
  #timersSeenAt = -1
  #isTimerDue = false

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

  /** Adds what wakes the loop; the newest comes last, unless it is there from the start. */
  addWakeUp(lane: Lane, fromTheStart = false): void {
    if (fromTheStart) this.wakeUps.unshift(lane)
    else this.wakeUps.push(lane)
    if (fromTheStart && this.wakeUpPlace >= 0) this.wakeUpPlace++
    this.#numberWakeUps()
  }

  removeWakeUp(lane: Lane): void {
    if (lane.wakeUp < 0) return
    this.wakeUps.splice(lane.wakeUp, 1)
    if (lane.wakeUp < this.wakeUpPlace) this.wakeUpPlace--
    lane.wakeUp = -1
    this.#numberWakeUps()
  }

  #numberWakeUps(): void {
    this.version++
    for (const [place, lane] of this.wakeUps.entries()) lane.wakeUp = place
  }

  /** See {@link arrivalLimitOf}. It is found out anew only when something has changed in the process. */
  get arrivalLimit(): number {
    if (this.#limitSeenAt !== this.version) {
      this.#limitSeenAt = this.version
      this.#arrivalLimit = arrivalLimitOf(this)
    }
    return this.#arrivalLimit
  }

  /** Whether a timer is due by the loop's own time; the loop runs those before it looks for anything else. */
  hasDueTimer(): boolean {
    if (this.#timersSeenAt !== this.version) {
      this.#timersSeenAt = this.version
      this.#isTimerDue = this.#findsDueTimer()
    }
    return this.#isTimerDue
  }

  #findsDueTimer(): boolean {
    for (const list of this.timerLists.values()) {
      if (list.activeIndex >= 0 && (list.head as SimEvent).readyMs <= this.clockMs) return true
    }
    return false
  }
}
