import type { Envelope } from './envelope.ts'

/** What an event loop can go on with. Waiters, timers and ports are named by numbers, so that it can be sent to other threads. */
export interface LoopSources {
  /** The sleeping tasks, in the order in which they fell asleep. */
  readonly waiters: readonly number[]
  /** The ports that are listened to. */
  readonly ports: readonly number[]
  /** Whether a `setImmediate` is due. */
  readonly immediate: boolean
  /** The timer that is due first. */
  readonly timer: LoopTimer | null
  /** Whether the thread has ended, if nothing comes any more. */
  readonly optional: boolean
}

export interface LoopTimer {
  readonly id: number
  /** The sleeping task whose time-out it is. */
  readonly waiter: number | null
  /** It has just been called to no effect, so that it can wait until something happens. */
  readonly idle: boolean
}

/** What an event loop goes on with. */
export type LoopEvent =
  /** All tasks that have been called, in the order in which they were. */
  | { readonly event: 'woken'; readonly waiters: readonly number[] }
  | { readonly event: 'message'; readonly port: number; readonly envelope: Envelope }
  | { readonly event: 'closed'; readonly port: number }
  | { readonly event: 'immediate' }
  | { readonly event: 'timer'; readonly timer: number }

/** Whether it has come from another thread, rather than with time. */
export function isArrival({ event }: LoopEvent): boolean {
  return event !== 'immediate' && event !== 'timer'
}

/** The event in words. */
export function tellEvent(event: LoopEvent): string {
  if (event.event === 'woken') {
    return event.waiters.length === 1 ? `task ${event.waiters[0]} wakes` : `tasks ${event.waiters.join(', ')} wake`
  }
  if (event.event === 'timer') return `timer ${event.timer}`
  return event.event === 'immediate' ? 'immediate' : `port ${event.port} ${event.event}`
}
