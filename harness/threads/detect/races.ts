import type { Operation, OperationKind } from '../operation.ts'
import type { ThreadFinding } from './finding.ts'

type Clock = number[]

/** The last accesses of a byte, by thread: the thread's own time then, and whether it was atomic. */
interface Last {
  writes: boolean
  atomic: boolean
  time: number
}

const acquiring: ReadonlySet<OperationKind> = new Set(['load', 'update', 'lock', 'try-lock', 'wake', 'acquire'])
const releasing: ReadonlySet<OperationKind> = new Set(['unlock', 'notify', 'signal', 'release', 'wait'])

/**
 * Accesses to one byte by two threads, one of them a write and one of them plain, that nothing puts in an order: vector
 * clocks over the operations of one schedule (Flanagan, Freund, "FastTrack", PLDI 2009, without its epochs).
 *
 * An atomic store replaces what a word passes on, a read-modify-write adds to it, and a notify passes on to those it wakes.
 */
export function dataRace(operations: readonly Operation[]): ThreadFinding | null {
  const clocks: Clock[] = []
  const passed = new Map<number, Clock>()
  const accessed = new Map<number, (Last | undefined)[]>()
  for (const operation of operations) {
    clocks[operation.thread] ??= []
    const clock = clocks[operation.thread]!
    clock[operation.thread] = (clock[operation.thread] ?? 0) + 1
    if (acquiring.has(operation.kind)) for (const { from } of operation.accesses) join(clock, passed.get(from) ?? [])
    const other = unordered(operation, clock, accessed)
    if (other !== null) return told(operation, other)
    for (const { from } of operation.accesses) passOn(operation.kind, from, clock, passed)
  }
  return null
}

function passOn(kind: OperationKind, from: number, clock: Clock, passed: Map<number, Clock>): void {
  if (kind === 'store') passed.set(from, [...clock])
  else if (kind === 'update' || releasing.has(kind)) passed.set(from, join(passed.get(from) ?? [], clock))
}

/** The thread whose access is not ordered with this one; null when all are. Enters the access. */
function unordered(operation: Operation, clock: Clock, accessed: Map<number, (Last | undefined)[]>): number | null {
  const { thread, kind } = operation
  const atomic = kind !== 'read' && kind !== 'write'
  for (const { from, to, writes } of operation.accesses) {
    for (let byte = Math.max(0, from); byte < to; byte++) {
      const lasts = accessed.get(byte) ?? []
      accessed.set(byte, lasts)
      const other = lasts.findIndex(
        (last, by) =>
          last !== undefined &&
          by !== thread &&
          (writes || last.writes) &&
          !(atomic && last.atomic) &&
          last.time > (clock[by] ?? 0),
      )
      if (other >= 0) return other
      const before = lasts[thread]
      // A write is remembered rather than a later read, and a plain access rather than a later atomic one.
      const isPlainWrite = before?.writes === true && !before.atomic
      if (!isPlainWrite || (writes && !atomic)) lasts[thread] = { writes, atomic, time: clock[thread]! }
    }
  }
  return null
}

function told({ kind, thread, accesses }: Operation, other: number): ThreadFinding {
  const at = `byte ${accesses[0]?.from} of the shared memory`
  return {
    kind: 'data-race',
    message: `data race at ${at}: nothing orders the ${kind} of thread ${thread} and an access of thread ${other}`,
  }
}

function join(clock: Clock, other: readonly number[]): Clock {
  for (let thread = 0; thread < other.length; thread++) {
    clock[thread] = Math.max(clock[thread] ?? 0, other[thread] ?? 0)
  }
  return clock
}

/** Operations that reach the same bytes with unlike widths; atomicity holds only for equal ones. */
export function mixedSizes(operations: readonly Operation[]): ThreadFinding | null {
  const widths = new Map<number, { from: number; to: number; thread: number }>()
  for (const { accesses, thread } of operations) {
    for (const { from, to } of accesses) {
      for (let byte = Math.max(0, from); byte < to; byte++) {
        const before = widths.get(byte)
        if (before !== undefined && before.thread !== thread && (before.from !== from || before.to !== to)) {
          const message = `bytes ${from} to ${to - 1} are accessed by thread ${thread}, and bytes ${before.from} to ${before.to - 1} by thread ${before.thread}: use one width`
          return { kind: 'mixed-size', message }
        }
        if (before === undefined) widths.set(byte, { from, to, thread })
      }
    }
  }
  return null
}
