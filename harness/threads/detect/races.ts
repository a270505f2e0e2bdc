import type { Access, Operation, OperationKind } from '../operation.ts'
import { Ranges } from './ranges.ts'

type Clock = number[]

/** Two accesses of the same bytes that nothing puts in an order. */
export interface Race {
  /** A data race, when one of them is plain; unlike widths, when both are atomic and still do not exclude each other. */
  readonly kind: 'data-race' | 'mixed-size'
  /** Their numbers among the operations, from 0. */
  readonly first: number
  readonly second: number
}

/** Operations that learn what happened before from those that passed it on at the same place. */
const acquiring: ReadonlySet<OperationKind> = new Set([
  'load',
  'update',
  'lock',
  'try-lock',
  'wait',
  'wake',
  'notify',
  'acquire',
  'receive',
  'event',
])

/** Operations that pass on, at their place, what happened before; an atomic store passes on nothing else. */
const releasing: ReadonlySet<OperationKind> = new Set([
  'update',
  'unlock',
  'wait',
  'wake',
  'notify',
  'signal',
  'release',
  'post',
])

/**
 * Finds a race as the memory model of ECMAScript has it: accesses of a byte by two threads, one of them a write, that are not
 * both atomic and equally wide, and that nothing puts in an order. Vector clocks over the operations of one schedule, with the
 * last access of each kind of each thread, so that the first race of a schedule is found (Djit+: Pozniansky, Schuster,
 * "Efficient on-the-fly data race detection in multithreaded C++ programs", PPoPP 2003).
 *
 * An atomic access reads from the one access that wrote before it, so a store replaces what a word passes on and an exchange
 * that finds another value than expected passes on nothing. Waiting and waking are critical sections of the queue at a word,
 * each of which follows all earlier ones. An event loop that takes an event has heard of all that waits for it.
 */
export function findRace(operations: readonly Operation[]): Race | null {
  if (!mayRace(operations)) return null
  const clocks: Clock[] = []
  const passed = new Map<number, Clock>()
  const ranges = new Ranges()
  for (const [second, operation] of operations.entries()) {
    const { thread } = operation
    clocks[thread] ??= []
    const clock = clocks[thread]
    clock[thread] = (clock[thread] ?? 0) + 1
    for (const access of accessesOf(operation)) {
      if (acquiring.has(operation.kind)) join(clock, passed.get(keyOf(access)) ?? [])
      const race = raceWith(access, { operation, clock, ranges, second })
      if (race !== null) return race
    }
    for (const access of accessesOf(operation)) passOn(operation, access, clock, passed)
  }
  return null
}

/** What an operation reaches itself: one that waited for a change of other words has read those before. */
function accessesOf({ insisting, accesses }: Operation): readonly Access[] {
  return insisting?.accesses ?? accesses
}

/** Most schedules have neither plain accesses nor unlike widths, and are passed over quickly. */
function mayRace(operations: readonly Operation[]): boolean {
  const widths = new Map<number, number>()
  for (const { kind, accesses } of operations) {
    if (isPlain(kind)) return true
    for (const { from, to } of accesses) {
      if (from < 0) continue
      const known = widths.get(from >> 3)
      if (known !== undefined && known !== to - from) return true
      if (known === undefined) widths.set(from >> 3, to - from)
    }
  }
  return false
}

interface Moment {
  readonly operation: Operation
  readonly clock: Clock
  readonly ranges: Ranges
  readonly second: number
}

function raceWith(access: Access, { operation, clock, ranges, second }: Moment): Race | null {
  if (access.from < 0) return null
  const { thread, kind } = operation
  const plain = isPlain(kind)
  const writes = access.writes && operation.missed?.() !== true
  const range = ranges.at(access)
  for (const other of range.overlapping) {
    for (const touch of other.touches()) {
      if (touch.thread === thread || touch.time <= (clock[touch.thread] ?? 0) || !(writes || touch.writes)) continue
      if (!plain && !touch.plain && other === range) continue
      return { kind: plain || touch.plain ? 'data-race' : 'mixed-size', first: touch.number, second }
    }
  }
  range.touch({ thread, plain, writes }, { time: clock[thread]!, number: second })
  return null
}

function passOn(operation: Operation, access: Access, clock: Clock, passed: Map<number, Clock>): void {
  const { kind } = operation
  // A wait reads its word and changes only the queue there.
  if (operation.missed?.() === true || (kind === 'wait' && !access.writes)) return
  const key = keyOf(access)
  if (kind === 'store') passed.set(key, [...clock])
  else if (releasing.has(kind)) passed.set(key, join(passed.get(key) ?? [], clock))
}

function isPlain(kind: OperationKind): boolean {
  return kind === 'read' || kind === 'write'
}

/** Atomic accesses meet only where they are equally wide; no atomic access is wider than 8 bytes. */
function keyOf({ from, to }: Access): number {
  return from * 16 + (to - from)
}

function join(clock: Clock, other: readonly number[]): Clock {
  for (let thread = 0; thread < other.length; thread++) {
    clock[thread] = Math.max(clock[thread] ?? 0, other[thread] ?? 0)
  }
  return clock
}
