import { never, type Operation } from '../../../model.ts'
import { EarliestFirst } from './earliest-first.ts'

/**
 * The begins and ends of calls as ranks 1 … events, in order of time: integers without wide gaps, so that an array can
 * be indexed by them. A call that is pending ends at `never`.
 */
export interface RankedCalls {
  start: Int32Array
  end: Int32Array
  /** No rank is greater. */
  events: number
}

/** Calls that fill most of their history keep their positions; others, such as those on one key of many, are ranked. */
export function ranked(operations: readonly Operation[]): RankedCalls {
  const count = operations.length
  const start = new Int32Array(count)
  const end = new Int32Array(count)
  let last = -1
  for (let call = 0; call < count; call++) {
    const operation = operations[call]!
    start[call] = operation.start + 1
    end[call] = operation.end === never ? never : operation.end + 1
    last = Math.max(last, start[call]!, operation.end === never ? -1 : end[call]!)
  }
  return last <= 4 * count ? { start, end, events: last } : withoutGaps(start, end)
}

/** Begins are in order already; the open calls wait in a heap for their ends to come up. */
function withoutGaps(startAt: Int32Array, endAt: Int32Array): RankedCalls {
  const start = new Int32Array(startAt.length)
  const end = new Int32Array(startAt.length).fill(never)
  const open = new EarliestFirst(endAt)
  let events = 0
  const endBefore = (position: number) => {
    while (open.size > 0 && endAt[open.first!]! < position) end[open.take()!] = ++events
  }
  for (let call = 0; call < startAt.length; call++) {
    endBefore(startAt[call]!)
    start[call] = ++events
    open.add(call)
  }
  endBefore(never)
  return { start, end, events }
}
