import { AsyncResource } from 'node:async_hooks'
import type { Lane } from './lane.ts'

/** What is said about an event when it is queued. */
export interface EventOptions {
  /** What happens, in a few words, for traces and reports. */
  label: string
  run(): void
  /** The async context to run in; that of the code that queues it when left out. */
  resource?: AsyncResource
  /** The earliest it can happen, from now. */
  delayMs?: number
  /** How much later than that it may happen at the most. */
  windowMs?: number
  /** Bytes that it carries; they are part of the trace's hash. */
  bytes?: Uint8Array | undefined
  /** Whether it keeps the schedule going, as a timer does unless it is unref'd. */
  ref?: boolean
}

/** One thing that will happen: a timer, the arrival of bytes, the end of a file operation. */
export class SimEvent {
  readonly lane: Lane
  /** Place among all events of the schedule, in the order in which they were queued. */
  readonly sequence: number
  /** Place in its lane; with the lane's key it names the event in every schedule. */
  readonly ordinal: number
  readonly readyMs: number
  /** Virtual time cannot pass it while the event waits. */
  readonly deadlineMs: number
  readonly label: string
  readonly run: () => void
  readonly resource: AsyncResource
  readonly bytes: Uint8Array | undefined
  /** False once it has happened or was cancelled. */
  waiting = true
  ref: boolean
  /** The event behind it in its lane. */
  next: SimEvent | undefined = undefined

  constructor(lane: Lane, sequence: number, readyMs: number, options: EventOptions) {
    this.lane = lane
    this.sequence = sequence
    this.ordinal = lane.queued++
    this.readyMs = readyMs
    this.deadlineMs = readyMs + (options.windowMs ?? 0)
    this.label = options.label
    this.run = options.run
    this.resource = options.resource ?? new AsyncResource('RACEPROOF_EVENT', { requireManualDestroy: true })
    this.bytes = options.bytes
    this.ref = options.ref ?? true
  }

  /** Its name, the same in every schedule in which its lane comes to be: `c1:client→server/2`. */
  get key(): string {
    return `${this.lane.key}/${this.ordinal}`
  }
}
