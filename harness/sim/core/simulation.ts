import type { AsyncResource } from 'node:async_hooks'
import { Random } from '../../random.ts'
import { SimFileSystem } from '../fs/sim-file-system.ts'
import { RealTimers } from '../guard/real-timers.ts'
import { Network } from '../net/network.ts'
import { fatalException } from '../node-internals.ts'
import { ProcessTable } from '../process/process-table.ts'
import type { Strategy } from '../strategy/strategy.ts'
import { ActiveLanes } from './active-lanes.ts'
import { drain } from './drain.ts'
import { type EventOptions, SimEvent } from './event.ts'
import type { SimFinding } from './finding.ts'
import type { Footprints } from './footprints.ts'
import { keyedHash } from './keyed-hash.ts'
import { Lane } from './lane.ts'
import { Ledger } from './ledger.ts'
import { enterPhase } from './legality.ts'
import { SimNode } from './node.ts'
import { Openings } from './openings.ts'
import { Trace } from './trace.ts'
import type { VirtualTimer } from './virtual-timer.ts'

/** What a schedule depends on, apart from the code under test. */
export interface SimulationOptions {
  seed: number
  strategy: Strategy
  /** How long a callback may keep the processor, at most; drawn for each callback. */
  cpuMs: number
  /** How much later than it could something from outside (bytes, a file operation) may happen. */
  windowMs: number
  /** Whether the trace is kept; without it there is no hash. */
  trace: boolean
  /** Where steps are counted for whoever watches from another thread. */
  beat?: Int32Array | undefined
  /** The names of planned faults that do not happen. */
  withoutFaults?: readonly string[] | undefined
  /** Whether it is noted where things are opened. */
  places?: boolean
  /** Where to note what each event touches; nowhere when left out. */
  footprints?: Footprints | undefined
}

/** How far the loop is to run. */
export interface RunOptions {
  strategy: Strategy
  /** The virtual time at which it ends, at the latest. */
  untilMs: number
  /** The step at which it ends, at the latest. */
  untilStep: number
  /** Asked before each step. */
  isReached(): boolean
  /** Whether to go on when only timers are left that keep no process alive. */
  keepsGoing(): boolean
}

/** How a run of the loop ended. */
export type RunEnd = 'done' | 'idle' | 'step-bound' | 'time-bound' | 'stopped'

/** Midnight of 1 January 2026, UTC: where the calendar of every schedule begins. */
export const epochMs = 1_767_225_600_000

/**
 * One schedule of one simulated world: its clock, its processes, and everything that will happen.
 *
 * The loop is a plain `while`: of the lanes' heads, those that may come next; the strategy picks one; it runs, and its
 * ticks and microtasks with it. The real event loop does not turn meanwhile, so nothing real can interfere.
 */
export class Simulation {
  readonly seed: number
  readonly strategy: Strategy
  readonly windowMs: number
  readonly network: Network
  readonly openings: Openings
  trace: Trace | undefined
  readonly choices: string[] = []
  readonly findings: SimFinding[] = []
  /** The names of the faults that were planned, those included that do not happen. */
  readonly faults: string[] = []
  nowMs = 0
  step = 0
  /** The process whose code runs now; what the code starts belongs to it. */
  node: SimNode
  /** Real timers that the code under test has made with a `setTimeout` of old. */
  readonly realTimers = new RealTimers()
  /** True once the schedule is over: whatever still refers to it does nothing. */
  isOver = false
  #random: Random | undefined
  readonly #ledger: Ledger
  #processes: ProcessTable | undefined
  #files: SimFileSystem | undefined
  readonly #footprints: Footprints | undefined
  readonly #cpuMs: number
  readonly #beat: Int32Array | undefined
  readonly #withoutFaults: ReadonlySet<string>
  readonly #nodes = new Map<string, SimNode>()
  readonly #lanes = new Set<Lane>()
  readonly #active = new ActiveLanes()
  readonly #timersByNumber = new Map<number, VirtualTimer>()
  readonly #counters = new Map<string, number>()
  #nextSequence = 0
  #refs = 0
  #isStopped = false

  constructor(options: SimulationOptions) {
    this.seed = options.seed
    this.strategy = options.strategy
    this.windowMs = options.windowMs
    this.#cpuMs = options.cpuMs
    this.#beat = options.beat
    this.#footprints = options.footprints
    this.#withoutFaults = new Set(options.withoutFaults)
    this.trace = options.trace ? new Trace() : undefined
    this.node = this.nodeNamed('main')
    this.openings = new Openings(options.places ?? false, () => this.nowMs)
    this.#ledger = new Ledger(this.openings)
    this.network = new Network(this)
  }

  // What processes share: whoever asks for it may change it, so that the order of those who ask matters. What many programs
  // never ask for is made when they do.

  get random(): Random {
    this.touch('random')
    this.#random ??= new Random(`${this.seed}/program`)
    return this.#random
  }

  get ledger(): Ledger {
    this.touch('ledger')
    return this.#ledger
  }

  get processes(): ProcessTable {
    this.touch('processes')
    this.#processes ??= new ProcessTable(this)
    return this.#processes
  }

  get files(): SimFileSystem {
    this.touch('files')
    this.#files ??= new SimFileSystem(this)
    return this.#files
  }

  /** Notes that the event that runs now has to do with something that events of other processes may have to do with. */
  touch(thing: string): void {
    this.#footprints?.touch(thing)
  }

  /** Notes that nothing may change places with the event that runs now. */
  touchEverything(): void {
    this.#footprints?.touchEverything()
  }

  /** The process of that name, made when it is first named. */
  nodeNamed(name: string): SimNode {
    let node = this.#nodes.get(name)
    if (node === undefined || node.hasEnded) {
      node = new SimNode(name)
      this.#nodes.set(name, node)
    }
    return node
  }

  /** Runs code as part of a process. */
  within<T>(node: SimNode, run: () => T): T {
    const before = this.node
    this.touch(node.name)
    this.node = node
    try {
      return run()
    } finally {
      this.node = before
    }
  }

  /** 1, 2, 3, … for each kind of thing, so that names tell in which order things were made. */
  count(kind: string): number {
    this.#footprints?.touch(`number of ${kind}`)
    const number = (this.#counters.get(kind) ?? 0) + 1
    this.#counters.set(kind, number)
    return number
  }

  /** A number in [0, 2³²) that belongs to this event in every schedule of this seed. */
  drawFor(event: SimEvent): number {
    return keyedHash(this.seed, event.lane.key, event.ordinal)
  }

  /** Queues an event at the end of its lane. */
  push(lane: Lane, options: EventOptions): SimEvent {
    return this.#queue(lane, Math.max(this.nowMs + (options.delayMs ?? 0), lane.lastReadyMs), options)
  }

  /** Queues what comes from outside the process in its own time: the end of a file operation, of a lookup, … */
  pushJob(kind: string, label: string, run: () => void, bytes?: Uint8Array): SimEvent {
    const lane = new Lane(`${kind}#${this.count(kind)}`, this.node, 'poll')
    return this.push(lane, { label, run, windowMs: this.windowMs, bytes })
  }

  /** Queues a timer that starts to count at `fromMs`. */
  pushTimer(
    node: SimNode,
    durationMs: number,
    fromMs: number,
    timer: Pick<EventOptions, 'label' | 'run' | 'ref' | 'resource'>,
  ): SimEvent {
    const list = node.timerList(durationMs)
    const startMs = this.#rereadClock(list, node) ? this.nowMs : fromMs
    return this.#queue(list, startMs + durationMs, timer)
  }

  cancel(event: SimEvent): void {
    this.touch(event.lane.node.name)
    if (!event.waiting) return
    this.#settle(event)
    this.#dropFrom(event.lane)
  }

  cancelAll(lane: Lane): void {
    for (const event of [...lane]) this.cancel(event)
  }

  setRef(event: SimEvent, ref: boolean): void {
    this.touch(event.lane.node.name)
    if (event.ref === ref) return
    event.ref = ref
    if (event.waiting) this.#addRefs(event.lane, ref ? 1 : -1)
  }

  /** A blocked lane keeps its events; none of them can happen, and none keeps the schedule going. */
  setBlocked(lane: Lane, blocked: boolean): void {
    this.touch(lane.node.name)
    if (lane.blocked === blocked) return
    lane.blocked = blocked
    lane.node.version++
    this.#refs += blocked ? -lane.refs : lane.refs
    if (blocked) this.#active.remove(lane)
    else if (!lane.isEmpty) this.#active.add(lane)
  }

  /** A paused process keeps its events; none of them can happen until it goes on, however late they are then. */
  setPaused(node: SimNode, paused: boolean): void {
    this.touch(node.name)
    node.isPaused = paused
    this.#active.pausesHaveChanged()
  }

  /** Takes the event at the head of a lane out, because another event does its work along with its own. */
  takeHead(lane: Lane): SimEvent | undefined {
    this.touch(lane.node.name)
    const event = lane.head
    if (event !== undefined) this.#settle(event)
    this.#dropFrom(lane)
    return event
  }

  timerNumber(timer: VirtualTimer): number {
    for (const [number, known] of this.#timersByNumber) if (known === timer) return number
    const number = this.count('timer')
    this.#timersByNumber.set(number, timer)
    return number
  }

  timerOf(number: number): VirtualTimer | undefined {
    return this.#timersByNumber.get(number)
  }

  /** Notes a planned fault, and says whether it happens. */
  takesPart(fault: string): boolean {
    this.touchEverything()
    this.faults.push(fault)
    return !this.#withoutFaults.has(fault)
  }

  /** Ends the schedule after the callback that runs now. */
  stop(): void {
    this.#isStopped = true
  }

  /**
   * The schedule is over. Libraries may hold on to timers and sockets of it, and V8 keeps some closures until its next full
   * collection; with them they keep this object, but nothing of what was in it.
   */
  end(): void {
    this.isOver = true
    for (const lane of this.#lanes) lane.clear()
    for (const node of this.#nodes.values()) node.timerLists.clear()
    this.#lanes.clear()
    this.#nodes.clear()
    this.#active.clear()
    this.choices.length = 0
    this.trace = undefined
  }

  /** Adds to the findings, with the place and time at which it happened. What a process does after its end is lost. */
  find(kind: SimFinding['kind'], message: string, thrown?: unknown): void {
    if (this.node.hasEnded) return
    this.touch('findings')
    this.findings.push({ kind, message, thrown, node: this.node.name, step: this.step, atMs: this.nowMs })
  }

  /** Whether something is waiting that keeps the schedule going; unref'd timers do not. */
  get hasRefs(): boolean {
    return this.#refs > 0
  }

  /** Whether a process would stay alive: for what is waiting in it, or for what it has open. */
  isAlive(node: SimNode): boolean {
    this.touch(node.name)
    for (const lane of this.#lanes) if (lane.node === node && lane.refs > 0 && !lane.blocked) return true
    return (
      this.#ledger.open.some((holding) => holding.node === node && holding.keepsAlive) ||
      this.network.open.some((handle) => handle.node === node && handle.hasRef())
    )
  }

  /** Takes back everything that is waiting in a process. */
  cancelNode(node: SimNode): void {
    for (const lane of [...this.#lanes]) if (lane.node === node) this.cancelAll(lane)
  }

  /** Everything that is waiting, blocked or not, in words. */
  pending(): string[] {
    return [...this.#lanes].flatMap((lane) =>
      [...lane].map(({ key, label, readyMs, ref }) => {
        const why = lane.blocked ? ', nobody reads it' : ref ? '' : ", unref'd"
        return `${key} ${label} (ready at ${readyMs} ms${why})`
      }),
    )
  }

  /** The events that are waiting. */
  *waiting(): Generator<SimEvent> {
    for (const lane of this.#lanes) yield* lane
  }

  /** Runs until the goal is reached, or nothing more can happen, or a bound is. */
  run(options: RunOptions): RunEnd {
    const end = this.#loop(options)
    // Another event in front of the one that ended the run might not have been reached behind it.
    this.touchEverything()
    return end
  }

  #loop({ strategy, untilMs, untilStep, isReached, keepsGoing }: RunOptions): RunEnd {
    this.#isStopped = false
    drain()
    while (!this.#isStopped) {
      if (isReached()) return 'done'
      if (this.#refs === 0 && !keepsGoing()) return 'idle'
      const enabled = this.#active.enabled(this.nowMs)
      if (enabled.length === 0) return 'idle'
      if (this.step >= untilStep) return 'step-bound'
      const event = strategy.pick(enabled, this.step)
      if (event.readyMs > untilMs) return 'time-bound'
      this.#fire(event)
    }
    return 'stopped'
  }

  #fire(event: SimEvent): void {
    const { node } = event.lane
    const beforeMs = this.nowMs
    this.#footprints?.begin(node.name)
    this.takeHead(event.lane)
    if (event.readyMs > this.nowMs) this.nowMs = event.readyMs
    enterPhase(event, this.#nextSequence)
    this.node = node
    node.clockMs = this.nowMs
    const { key } = event
    this.choices.push(key)
    this.trace?.record(this.nowMs, key, event)
    call(event.resource, event.run)
    drain()
    this.#spend(event)
    node.clockMs = this.nowMs
    node.version++
    node.afterEvent?.()
    if (this.nowMs > beforeMs) this.touchEverything()
    this.step++
    if (this.#beat !== undefined) this.#beat[0] = ((this.#beat[0] as number) + 1) | 0
  }

  #queue(lane: Lane, readyMs: number, options: EventOptions): SimEvent {
    this.touch(lane.node.name)
    const event = new SimEvent(lane, this.#nextSequence++, readyMs, options)
    if (lane.node.hasEnded) {
      event.waiting = false
      return event
    }
    lane.lastReadyMs = readyMs
    lane.push(event)
    this.#lanes.add(lane)
    if (event.ref) this.#addRefs(lane, 1)
    if (!lane.blocked) this.#active.add(lane)
    return event
  }

  #settle(event: SimEvent): void {
    event.waiting = false
    if (event.ref) this.#addRefs(event.lane, -1)
  }

  #addRefs(lane: Lane, count: number): void {
    lane.refs += count
    if (!lane.blocked) this.#refs += count
  }

  #dropFrom(lane: Lane): void {
    lane.drop()
    if (lane.isEmpty) {
      this.#lanes.delete(lane)
      this.#active.remove(lane)
    } else if (lane.activeIndex >= 0) this.#active.headHasChanged(lane)
  }

  /** Callbacks take time. How much belongs to the event, so that it stays when other events come or go. */
  #spend(event: SimEvent): void {
    if (this.#cpuMs === 0) return
    const draw = this.drawFor(event)
    if (draw % 100 < 30) this.nowMs += 1 + ((draw >>> 8) % this.#cpuMs)
  }

  /** Node reads the clock anew at each setTimeout, so time that has passed inside a callback can show there. */
  #rereadClock(list: Lane, node: SimNode): boolean {
    if (this.#cpuMs === 0) return false
    const draw = keyedHash(this.seed, list.key, -1 - list.queued)
    if (draw % 100 >= 15) return false
    this.nowMs += 1 + ((draw >>> 8) % this.#cpuMs)
    node.clockMs = this.nowMs
    return true
  }
}

function call(resource: AsyncResource, run: () => void): void {
  try {
    resource.runInAsyncScope(run)
  } catch (thrown) {
    fatalException.call(process, thrown, false)
  }
}
