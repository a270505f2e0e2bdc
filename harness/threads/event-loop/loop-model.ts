import type { Engine, SleepingTask } from '../engine.ts'
import { type Access, type Operation, Parked } from '../operation.ts'
import type { Integer, IntegerArray } from '../real-atomics.ts'
import { Courier } from './courier.ts'
import type { Envelope } from './envelope.ts'
import type { LoopEvent, LoopSources } from './loop-event.ts'

/** One end of a message channel: what has come and was not taken yet. */
interface PortQueue {
  readonly place: number
  readonly peer: number
  readonly messages: Envelope[]
  closed: boolean
}

/** Stands for the tasks that `Atomics.waitAsync` has put to sleep, where ports are given by their numbers. */
const tasksSource = -1

/** What the event loop of a thread hears next, where couriers decide that. */
interface Desk {
  readonly thread: number
  readonly place: number
  /** What the loop waits for; null while it does not. */
  waiting: LoopSources | null
  came: LoopEvent | null
  /** The source of the event before. */
  last: number | null
  /** The source that had more when the loop had done with the event before, so that it is emptied first. */
  drains: number | null
}

/**
 * What the event loops of the threads of one schedule share: sleeping tasks and message channels. Makes the operations by
 * which a thread falls asleep without blocking, takes its next event, posts and receives.
 *
 * A loop hears of tasks that were woken and of messages, the tasks and each port being a source. Nothing orders its sources
 * among each other: where a loop has more than one, couriers bring what comes from them, in any order, except that Node
 * empties a source before it looks at another. Without couriers, woken tasks come first and then messages by the age of
 * their port. Immediates come after all of these; a timer fires at any step at which nothing else waits.
 */
export class LoopModel {
  readonly #engine: Engine
  readonly #sleeping: Map<number, SleepingTask>[] = []
  readonly #asleep: number[] = []
  readonly #ports: PortQueue[] = []
  /** One for each thread, where there are couriers. */
  #desks: readonly Desk[] = []
  /** How many ports have couriers: those that `setup` made. */
  #served = 0

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

  /**
   * The couriers of a program with so many threads, as more threads with the numbers behind: one for the tasks of each thread
   * and one for each port. None when `setup` has made no channel, since no loop has more than one source then.
   */
  couriers(threads: number): readonly Courier[] {
    this.#served = this.#ports.length
    if (this.#served === 0) return []
    this.#desks = Array.from({ length: threads }, (_, thread) => this.#desk(thread))
    const ofTasks = this.#desks.map((desk, thread) => {
      return new Courier(threads + thread, () => this.#delivery(threads + thread, tasksSource, () => desk))
    })
    const ofPorts = this.#ports.map((_, port) => {
      const number = 2 * threads + port
      const listener = () => this.#desks.find(({ waiting }) => waiting?.ports.includes(port))
      return new Courier(number, () => this.#delivery(number, port, listener))
    })
    return [...ofTasks, ...ofPorts]
  }

  /** The next event of a thread's event loop, as soon as there is one. */
  nextEvent(thread: number, sources: LoopSources): Operation {
    const desk = this.#desks[thread]
    if (desk === undefined || !this.#isServed(sources)) return this.#event(thread, sources)
    const { last } = desk
    if (last !== null && sources.ports.includes(last)) return this.#lookForMore(desk, sources, last)
    desk.waiting = sources
    return this.#event(thread, sources)
  }

  #event(thread: number, sources: LoopSources): Operation {
    const desk = this.#desks[thread]
    const own = desk === undefined || desk.waiting === null ? [] : [accessOf(desk)]
    const accesses = [...own, ...this.#accessesOf(thread, sources)]
    let reached: readonly Access[] = accesses
    const perform = () => {
      const lookedAt = this.#callsOf(thread, sources)
      const event = this.#take(thread, sources, desk)
      // Who is woken has only looked who was called.
      if (event.event === 'woken') reached = [...own, ...lookedAt]
      return event
    }
    const { optional, timer } = sources
    const event = { kind: 'event', thread, accesses, reached: () => reached, optional, perform } as const
    const enabled = (timed: boolean) => () => this.#isReady(thread, sources, { timed, desk })
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
    const current = () => queue.messages.length
    const perform = () => {
      if (current() === 0) rereads.note(access, 0, { current })
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

  #desk(thread: number): Desk {
    return { thread, place: this.#engine.place(), waiting: null, came: null, last: null, drains: null }
  }

  /** Whether couriers bring a loop its events: it has more than one source, and they serve all of them. */
  #isServed({ waiters, ports }: LoopSources): boolean {
    return ports.length + Math.min(waiters.length, 1) > 1 && ports.every((port) => port < this.#served)
  }

  /** A loop has done with a message, and looks into its port once more. A step of its own, since others may post before or after. */
  #lookForMore(desk: Desk, sources: LoopSources, port: number): Operation {
    const { thread } = desk
    const perform = () => {
      desk.drains = this.#heard(thread, sources, port) === null ? null : port
      desk.waiting = sources
      return new Parked(this.#event(thread, sources))
    }
    return { kind: 'deliver', thread, accesses: [looked(accessOf(this.#ports[port]!))], enabled: always, perform }
  }

  /** Brings a loop what one of its sources has for it. */
  #delivery(number: number, source: number, deskOf: () => Desk | undefined): Operation {
    const event = () => {
      const desk = deskOf()
      if (desk === undefined || desk.waiting === null || desk.came !== null) return null
      if (desk.drains !== null && desk.drains !== source) return null
      const heard = this.#heard(desk.thread, desk.waiting, source)
      return heard && { desk, heard, waiting: desk.waiting }
    }
    let reached: readonly Access[] = []
    const accesses = () => {
      const due = event()
      if (due === null) return []
      return [accessOf(due.desk), ...this.#accessesOf(due.desk.thread, due.waiting, source).map(looked)]
    }
    return {
      kind: 'deliver',
      thread: number,
      // Only what can be delivered can be overtaken.
      get accesses() {
        return accesses()
      },
      reached: () => reached,
      optional: true,
      enabled: () => event() !== null,
      perform: () => {
        reached = accesses()
        const { desk, heard } = event()!
        desk.came = heard
        desk.last = source
      },
    }
  }

  #isReady(thread: number, sources: LoopSources, { timed, desk }: { timed: boolean; desk: Desk | undefined }): boolean {
    if (desk === undefined || desk.waiting === null) {
      return timed || this.#first(thread, sources) !== null || sources.immediate
    }
    return desk.came !== null || (this.#first(thread, sources) === null && (timed || sources.immediate))
  }

  /** What waits in any of the sources. */
  #first(thread: number, sources: LoopSources): LoopEvent | null {
    for (const source of [tasksSource, ...sources.ports]) {
      const heard = this.#heard(thread, sources, source)
      if (heard !== null) return heard
    }
    return null
  }

  /** What waits in a source; null when nothing does, and when the loop does not listen to it. */
  #heard(thread: number, { waiters, ports }: LoopSources, source: number): LoopEvent | null {
    if (source === tasksSource) {
      const called = this.#calledOf(thread, waiters)
      return called.length === 0 ? null : { event: 'woken', waiters: called }
    }
    if (!ports.includes(source)) return null
    const { messages, closed } = this.#ports[source]!
    if (messages.length > 0) return { event: 'message', port: source, envelope: messages[0]! }
    return closed ? { event: 'closed', port: source } : null
  }

  /** The tasks that were called, in the order of their calls. */
  #calledOf(thread: number, waiters: readonly number[]): number[] {
    const turnOf = (waiter: number) => this.#tasksOf(thread).get(waiter)!.turn()
    return waiters.filter((waiter) => turnOf(waiter) > 0).sort((one, other) => turnOf(one) - turnOf(other))
  }

  #callsOf(thread: number, { waiters }: LoopSources): Access[] {
    return waiters.flatMap((waiter) => {
      const { call, line } = this.#tasksOf(thread).get(waiter)!
      return [looked(call), looked(line)]
    })
  }

  #take(thread: number, sources: LoopSources, desk: Desk | undefined): LoopEvent {
    const heard = desk?.came ?? this.#first(thread, sources)
    if (desk !== undefined) {
      if (desk.came === null) desk.last = null
      desk.came = null
      desk.waiting = null
      desk.drains = null
    }
    if (heard?.event === 'message') this.#ports[heard.port]!.messages.shift()
    if (heard?.event === 'woken') for (const waiter of heard.waiters) this.#tasksOf(thread).delete(waiter)
    if (heard !== null) return heard
    if (sources.immediate) return { event: 'immediate' }
    const { id, waiter } = sources.timer!
    if (waiter !== null) this.#tasksOf(thread).get(waiter)!.leave()
    return { event: 'timer', timer: id }
  }

  /** What the next event of a loop depends on, of all its sources or of one. */
  #accessesOf(thread: number, { waiters, ports }: LoopSources, source: number | null = null): Access[] {
    const tasks = this.#tasksOf(thread)
    const ofTasks = source === null || source === tasksSource ? waiters : []
    const ofPorts = source === null ? ports : ports.filter((port) => port === source)
    return [
      ...ofTasks.map((waiter) => tasks.get(waiter)!).flatMap(({ queue, call, line }) => [queue, call, line]),
      ...ofPorts.map((port) => accessOf(this.#ports[port]!)),
    ]
  }

  #tasksOf(thread: number): Map<number, SleepingTask> {
    this.#sleeping[thread] ??= new Map()
    return this.#sleeping[thread]
  }
}

function accessOf({ place }: PortQueue | Desk): Access {
  return { from: place, to: place + 1, writes: true }
}

function looked(access: Access): Access {
  return { ...access, writes: false }
}

function always(): boolean {
  return true
}
