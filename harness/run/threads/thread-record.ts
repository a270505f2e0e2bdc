import type { HistoryEvent, Phase, ProbeEvent } from '../../history/event.ts'
import { ResourceLedger } from '../../live/leak-probe/resource-ledger.ts'
import type { LockProbe, ProbeTopic } from '../../probe.ts'
import type { CallEnd, CallRecord } from './recording-client.ts'

interface RecordedCall {
  readonly client: string
  readonly call: number
  readonly f: string
  readonly input: unknown
  begun: boolean
}

/**
 * The history of one schedule of threads. Its clock counts the events, so that schedules in which the same happened in
 * the same order have the same history; at which step each event came is kept beside it.
 *
 * A call begins with its first operation and not where the code before that runs: a thread may stand still there for as long
 * as it likes, so this is as true, and it proves more.
 */
export class ThreadRecord implements CallRecord {
  readonly history: HistoryEvent[] = []
  /** How many steps of the schedule were over at each event. */
  readonly steps: number[] = []
  readonly #ledger = new ResourceLedger()
  /** The calls of a client, in order. */
  readonly #calls = new Map<string, RecordedCall[]>()
  /** Calls whose first operation is still to come, by thread. */
  readonly #waiting = new Map<number, RecordedCall[]>()
  readonly #held = new Map<string, string>()
  #step = 0
  #count = 0

  constructor() {
    this.enter('boot', 0)
  }

  /** How many calls were made. */
  get calls(): number {
    return this.#count
  }

  /** A thread performs the next operation of the schedule. */
  performs(thread: number): void {
    this.#step++
    for (const call of this.#waiting.get(thread) ?? []) this.#begin(call)
    this.#waiting.delete(thread)
  }

  invoked(thread: number | null, client: string, f: string, input: unknown): void {
    const call: RecordedCall = { client, call: this.#count++, f, input, begun: false }
    this.#calls.set(client, [...(this.#calls.get(client) ?? []), call])
    if (thread === null) this.#begin(call)
    else this.#waiting.set(thread, [...(this.#waiting.get(thread) ?? []), call])
  }

  ended(client: string, place: number, end: CallEnd): void {
    const call = this.#calls.get(client)![place]!
    if (!call.begun) this.#begin(call)
    const { call: number, f } = call
    this.#add({ timeMs: this.#now, client, call: number, f, ...end })
  }

  /** The code of a process of the schedule, a thread or `main`, has published something. */
  probed(process: string, topic: ProbeTopic, message: object): void {
    const value = topic === 'lock' ? ownedBy(process, message as LockProbe) : { ...message }
    const event: ProbeEvent = { type: 'probe', timeMs: this.#now, process: `threads/${process}`, topic, value }
    if (topic === 'lock') this.#note(value as unknown as LockProbe)
    // All threads are one process: what one has opened another may close.
    this.#ledger.note({ ...event, process: 'threads' })
    this.#add(event)
  }

  enter(phase: Phase, round: number): void {
    const virtual = phase === 'boot' ? ({ virtual: true } as const) : {}
    this.#add({ type: 'phase', timeMs: this.#now, phase, round, ...virtual })
  }

  /** Counts what is open now: what was published as open, and locks that are held. */
  audit(round: number): void {
    this.#add({
      type: 'audit',
      timeMs: this.#now,
      round,
      counts: { ...this.#ledger.counts(), locks: this.#held.size },
      blind: [],
      items: [...this.#ledger.items(), ...this.#held.values()],
      exact: true,
    })
  }

  #begin(call: RecordedCall): void {
    call.begun = true
    const { client, call: number, f, input } = call
    this.#add({ type: 'invoke', timeMs: this.#now, client, call: number, f, input })
  }

  #note({ event, lock, id, owner }: LockProbe): void {
    const holding = `${lock} ${id} ${owner}`
    if (event === 'acquired') this.#held.set(holding, `locks ${lock} ${id}, held by ${owner}`)
    else if (event === 'released') this.#held.delete(holding)
  }

  #add(event: HistoryEvent): void {
    this.history.push(event)
    this.steps.push(this.#step)
  }

  get #now(): number {
    return this.history.length + 1
  }
}

/**
 * Threads number their owners for themselves, so that the names must be told apart. Before and after them nobody waits, and
 * the clock is the real one, which would differ in each replay.
 */
function ownedBy(process: string, message: LockProbe): Record<string, unknown> {
  const noTime = process !== 'main' || message.holdMs === undefined ? {} : { holdMs: 0 }
  return { ...message, ...noTime, owner: `${process}:${message.owner}` }
}
