import type { HistoryEvent } from '../history/event.ts'

/** Keeps count of what a run records, while it goes on. */
export class Tally {
  /** Calls made so far. */
  calls = 0
  /** Calls that have not ended. */
  openCalls = 0
  /** Subscriptions that have not ended. */
  openSubscriptions = 0
  /**
   * When a client last got somewhere, in the run's time: it made a call, had an answer, or was sent an event. Whoever only
   * subscribes again and again does not.
   */
  lastActivityMs = 0

  note(event: HistoryEvent): void {
    if (event.type === 'invoke') {
      this.calls++
      this.openCalls++
    } else if (event.type === 'ok' || event.type === 'fail' || event.type === 'info') this.openCalls--
    else if (event.type !== 'observe') return
    else if (event.f === 'subscribe' || event.f === 'end') {
      this.openSubscriptions += event.f === 'subscribe' ? 1 : -1
      return
    }
    this.lastActivityMs = event.timeMs
  }

  /** Nobody waits for anything. */
  get isIdle(): boolean {
    return this.openCalls === 0 && this.openSubscriptions === 0
  }
}
