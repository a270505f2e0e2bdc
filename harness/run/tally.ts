import type { HistoryEvent } from '../history/event.ts'

/** Keeps count of what a run records, while it goes on. */
export class Tally {
  /** Calls made so far. */
  calls = 0
  /** Calls that have not ended. */
  openCalls = 0
  /** Subscriptions that have not ended. */
  openSubscriptions = 0
  /** When a client last did or saw something, in the run's time. */
  lastActivityMs = 0

  note(event: HistoryEvent): void {
    if (event.type === 'invoke') {
      this.calls++
      this.openCalls++
    } else if (event.type === 'ok' || event.type === 'fail' || event.type === 'info') this.openCalls--
    else if (event.type !== 'observe') return
    else if (event.f === 'subscribe') this.openSubscriptions++
    else if (event.f === 'end') this.openSubscriptions--
    this.lastActivityMs = event.timeMs
  }

  /** Nobody waits for anything. */
  get isIdle(): boolean {
    return this.openCalls === 0 && this.openSubscriptions === 0
  }
}
