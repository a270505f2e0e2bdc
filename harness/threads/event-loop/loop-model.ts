import type { Engine, SleepingTask } from '../engine.ts'
import type { Access, Operation } from '../operation.ts'
import type { Integer, IntegerArray } from '../real-atomics.ts'
import type { Envelope } from './envelope.ts'
import type { LoopEvent, LoopSources } from './loop-event.ts'

/** One end of a message channel: what has come and was not taken yet. */
interface PortQueue {
  readonly place: number
  readonly peer: number
  readonly messages: Envelope[]
  closed: boolean
}

/**
 * What the event loops of the threads of one schedule share: sleeping tasks and message channels. Makes the operations by
 * which a thread falls asleep without blocking, takes its next event, posts and receives.
 *
 * Of several events that wait, sleeping tasks that were woken come first, then messages by the age of their port, then
 * immediates; a timer fires at any step at which nothing else waits.
 */
export class LoopModel {
  readonly #engine: Engine
  readonly #sleeping: Map<number, SleepingTask>[] = []
  readonly #asleep: number[] = []
  readonly #ports: PortQueue[] = []

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Answers `not-equal`, `timed-out` for a time-out of 0, and else the number of the sleeping task. */
  waitAsync(thread: number, array: IntegerArray, index: number, value: Integer, timeoutMs: number): Operation {
    return this.#engine.waitAsync({ thread, array, index }, value, timeoutMs, (task) => {
      const waiter = (this.#asleep[thread] ?? 0) + 1
      this.#asleep[thread] = waiter
      this.#tasksOf(thread).set(waiter, task)
      return waiter
    })
  }

  /** The next event of a thread's event loop, as soon as there is one. */
  nextEvent(thread: number, sources: LoopSources): Operation {
    const tasks = this.#tasksOf(thread)
    const sleepers = sources.waiters.map((waiter) => tasks.get(waiter)!)
    const accesses = [
      ...sleepers.flatMap(({ queue, call }) => [queue, call]),
      ...sources.ports.map((port) => accessOf(this.#ports[port]!)),
    ]
    let reached: readonly Access[] = accesses
    const perform = () => {
      const event = this.#take(tasks, sources)
      // Who is woken has only looked whether it, or somebody before it, was called.
      if (event.event === 'woken') reached = sleepers.slice(0, sources.waiters.indexOf(event.waiter) + 1).map(lookedAt)
      return event
    }
    const { optional, timer } = sources
    const event = { kind: 'event', thread, accesses, reached: () => reached, optional, perform } as const
    const enabled = (timed: boolean) => () => timed || this.#ready(tasks, sources) !== null
    const insisting = timer?.idle ? { insisting: { ...event, enabled: enabled(true) } } : {}
    return { ...event, ...insisting, enabled: enabled(timer?.idle === false) }
  }

  /** A new channel. Answers the numbers of its ends. */
  channel(): readonly [number, number] {
    const first = this.#ports.length
    for (const peer of [first + 1, first]) {
      this.#ports.push({ place: this.#engine.place(), peer, messages: [], closed: false })
    }
    return [first, first + 1]
  }

  /** Sends through one end to the other. What is sent after either was closed is lost. */
  post(thread: number, port: number, envelope: Envelope): Operation {
    const to = this.#ports[this.#ports[port]!.peer]!
    const perform = () => {
      if (!to.closed) to.messages.push(envelope)
    }
    return { kind: 'post', thread, accesses: [accessOf(to)], enabled: always, perform }
  }

  /** Answers the oldest message that has come to an end, or nothing. */
  receive(thread: number, port: number): Operation {
    const queue = this.#ports[port]!
    const access = accessOf(queue)
    const rereads = this.#engine.rereadsOf(thread)
    const waiting = () => queue.messages.length
    const perform = () => {
      if (waiting() === 0) rereads.note(access, 0, waiting)
      return queue.messages.shift()
    }
    return rereads.delayed({ kind: 'receive', thread, accesses: [access], enabled: always, perform })
  }

  /** Closes both ends. What was sent before is still received. */
  close(thread: number, port: number): Operation {
    const ends = [this.#ports[port]!, this.#ports[this.#ports[port]!.peer]!]
    const perform = () => {
      for (const end of ends) end.closed = true
    }
    return { kind: 'post', thread, accesses: ends.map(accessOf), enabled: always, perform }
  }

  /** What waits, without what only passes by in time. */
  #ready(tasks: ReadonlyMap<number, SleepingTask>, { waiters, ports, immediate }: LoopSources): LoopEvent | null {
    const waiter = waiters.find((each) => tasks.get(each)!.isCalled())
    if (waiter !== undefined) return { event: 'woken', waiter }
    for (const port of ports) {
      const { messages, closed } = this.#ports[port]!
      if (messages.length > 0) return { event: 'message', port, envelope: messages[0]! }
      if (closed) return { event: 'closed', port }
    }
    return immediate ? { event: 'immediate' } : null
  }

  #take(tasks: Map<number, SleepingTask>, sources: LoopSources): LoopEvent {
    const ready = this.#ready(tasks, sources)
    if (ready?.event === 'message') this.#ports[ready.port]!.messages.shift()
    if (ready?.event === 'woken') tasks.delete(ready.waiter)
    if (ready !== null) return ready
    const { id, waiter } = sources.timer!
    if (waiter !== null) tasks.get(waiter)!.leave()
    return { event: 'timer', timer: id }
  }

  #tasksOf(thread: number): Map<number, SleepingTask> {
    this.#sleeping[thread] ??= new Map()
    return this.#sleeping[thread]
  }
}

function accessOf({ place }: PortQueue): Access {
  return { from: place, to: place + 1, writes: true }
}

function lookedAt({ call }: SleepingTask): Access {
  return { ...call, writes: false }
}

function always(): boolean {
  return true
}
