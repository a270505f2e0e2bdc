import { type Monitor, type MonitorAnswer, never, type Operation } from '../../../model.ts'
import { type Identity, identity } from '../identity.ts'
import { valueIn } from '../models/inputs.ts'
import { show } from '../wording.ts'
import { type RankedCalls, ranked } from './ranked-calls.ts'

/**
 * First-in-first-out queues whose every item is enqueued once, without a search. Such a history is linearizable exactly
 * if none of four patterns is in it (Henzinger, Sezgin and Vafeiadis 2013; Bouajjani and others 2015): an item dequeued
 * that nobody had begun to enqueue, an item dequeued twice, an item overtaken by one that was enqueued after it, and an
 * empty answer although some item was in the queue at every moment of the call.
 *
 * Pending enqueues count only when their item came out. Pending dequeues are exact too: those items that must have come
 * out, because a later one did, each need a pending dequeue of their own that began in time. Only together with empty
 * answers and items left over are they too much for this monitor, and left to the engine.
 */
export const queueMonitor: Monitor = {
  name: 'queue monitor (unique items)',
  complexity: 'O(n log n), Bouajjani and others 2015',
  judge,
}

/** The calls on one item, by their numbers; -1 for none. */
interface Item {
  value: unknown
  enqueue: number
  dequeue: number
}

interface Items {
  operations: readonly Operation[]
  ranks: RankedCalls
  /** In the order in which their enqueues began. */
  items: Item[]
  /** Dequeues that found nothing. */
  empty: number[]
  /** Dequeues whose end nobody knows. */
  pending: number[]
}

function judge(operations: readonly Operation[]): MonitorAnswer {
  const items = itemsOf(operations)
  if ('verdict' in items) return items
  const left = items.items.filter((item) => item.dequeue === -1 && endOf(items, item) !== never)
  if (items.empty.length > 0 && items.pending.length > 0 && left.length > 0) {
    return unsuited('it has empty answers and pending dequeues, which may have taken the items that are left')
  }
  return overtaken(items) ?? overtakenForGood(items, left) ?? wronglyEmpty(items) ?? { verdict: 'valid' }
}

function itemsOf(operations: readonly Operation[]): Items | MonitorAnswer {
  const found: Items = { operations, ranks: ranked(operations), items: [], empty: [], pending: [] }
  const byValue = new Map<Identity, Item>()
  for (let call = 0; call < operations.length; call++) {
    if (operations[call]!.f !== 'enqueue') continue
    const value = valueIn(operations[call]!.input)
    const id = identity(value)
    if (id === null) return unsuited('null was enqueued, which is also the answer of an empty queue')
    if (byValue.has(id)) return unsuited(`the item ${show(value)} was enqueued more than once`)
    const item = { value, enqueue: call, dequeue: -1 }
    byValue.set(id, item)
    found.items.push(item)
  }
  for (let call = 0; call < operations.length; call++) {
    const { f, known, output } = operations[call]!
    if (f !== 'dequeue') continue
    const id = identity(output)
    if (!known) found.pending.push(call)
    else if (id === null) found.empty.push(call)
    else {
      const wrong = match(found, byValue.get(id), call)
      if (wrong !== null) return wrong
    }
  }
  return found
}

function match({ operations, ranks }: Items, item: Item | undefined, dequeue: number): MonitorAnswer | null {
  const taken = show(operations[dequeue]!.output)
  if (item === undefined) return contradiction(`${taken} came out, which nobody ever put in`, [operations[dequeue]!])
  const calls = [operations[item.enqueue]!, operations[dequeue]!]
  if (ranks.start[item.enqueue]! > ranks.end[dequeue]!) {
    return contradiction(`${taken} came out before anybody had begun to put it in`, calls)
  }
  if (item.dequeue !== -1) return contradiction(`${taken} came out twice`, [...calls, operations[item.dequeue]!])
  item.dequeue = dequeue
  return null
}

/** Of two items that both came out, the one that was certainly enqueued first must not come out certainly second. */
function overtaken(all: Items): MonitorAnswer | null {
  const { ranks, items } = all
  const enqueuedAt = itemsByEnqueueEnd(all)
  let rank = 0
  let last: Item | null = null
  for (const item of items) {
    if (item.dequeue === -1) continue
    for (; rank < ranks.start[item.enqueue]!; rank++) {
      if (enqueuedAt[rank] === -1) continue
      const earlier = items[enqueuedAt[rank]!]!
      if (last === null || ranks.start[earlier.dequeue]! > ranks.start[last.dequeue]!) last = earlier
    }
    if (last !== null && ranks.start[last.dequeue]! > ranks.end[item.dequeue]!) {
      const reason = `${show(last.value)} was put in before ${show(item.value)}, and came out after it`
      return contradiction(reason, callsOf(all, last, item))
    }
  }
  return null
}

/** For each rank, the number of the item that came out whose enqueue ended there, or -1. Ranks spare a sort. */
function itemsByEnqueueEnd({ ranks, items }: Items): Int32Array {
  const numbers = new Int32Array(ranks.events + 1).fill(-1)
  for (let number = 0; number < items.length; number++) {
    const { enqueue, dequeue } = items[number]!
    if (dequeue !== -1 && ranks.end[enqueue] !== never) numbers[ranks.end[enqueue]!] = number
  }
  return numbers
}

/** Items that must have come out, since one that was enqueued after them did, each need a pending dequeue of their own. */
function overtakenForGood(all: Items, left: readonly Item[]): MonitorAnswer | null {
  const { ranks, pending } = all
  const overtaking = firstOutAfter(all)
  const owed = left
    .map((item) => ({ item, by: overtaking(item) }))
    .filter((pair): pair is { item: Item; by: Item } => pair.by !== null)
    .sort((one, other) => ranks.end[one.by.dequeue]! - ranks.end[other.by.dequeue]!)
  const short = owed.findIndex(({ by }, place) => !(ranks.start[pending[place] ?? -1]! < ranks.end[by.dequeue]!))
  if (short === -1) return null
  const { item, by } = owed[short]!
  const spent = pending.length === 0 ? '' : ', and there are not enough pending dequeues to have taken it'
  const reason = `${show(item.value)} was put in before ${show(by.value)}, which came out, but it never did${spent}`
  return contradiction(reason, callsOf(all, item, by), false)
}

/** For an item, the one that came out first of those that were certainly enqueued after it. */
function firstOutAfter(all: Items): (item: Item) => Item | null {
  const { ranks } = all
  const out = all.items.filter(({ dequeue }) => dequeue !== -1)
  const first: Item[] = new Array(out.length)
  for (let place = out.length - 1; place >= 0; place--) {
    const after = first[place + 1]
    const item = out[place]!
    first[place] = after !== undefined && ranks.end[after.dequeue]! < ranks.end[item.dequeue]! ? after : item
  }
  return (item) => {
    let low = 0
    let high = out.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (ranks.start[out[middle]!.enqueue]! <= endOf(all, item)) low = middle + 1
      else high = middle
    }
    return first[low] ?? null
  }
}

/**
 * An empty answer needs a moment of its call at which no item has to be in the queue. Moments are the gaps between
 * ranks; `free[gap]` counts those before it that no item covers, from the end of its enqueue to the begin of its dequeue.
 */
function wronglyEmpty(all: Items): MonitorAnswer | null {
  if (all.empty.length === 0) return null
  const { ranks } = all
  const covers = new Int32Array(ranks.events + 3)
  for (const item of all.items) {
    const from = endOf(all, item)
    const to = Math.min(item.dequeue === -1 ? never : ranks.start[item.dequeue]!, ranks.events + 1)
    if (from >= to) continue
    covers[from + 1]!++
    covers[to + 1]!--
  }
  const free = new Int32Array(ranks.events + 3)
  for (let gap = 0, covered = 0; gap <= ranks.events + 1; gap++) {
    covered += covers[gap]!
    free[gap + 1] = free[gap]! + (covered === 0 ? 1 : 0)
  }
  const wrong = all.empty.find((call) => free[ranks.end[call]! + 1] === free[ranks.start[call]! + 1])
  return wrong === undefined ? null : neverEmpty(all, wrong)
}

function neverEmpty(all: Items, dequeue: number): MonitorAnswer {
  const { operations, ranks, items } = all
  const inside = items.filter(
    (item) => endOf(all, item) < ranks.end[dequeue]! && outOf(all, item) > ranks.start[dequeue]!,
  )
  const longest = inside.reduce((one, other) =>
    outOf(all, other) - endOf(all, other) > outOf(all, one) - endOf(all, one) ? other : one,
  )
  const calls = [operations[longest.enqueue]!, operations[dequeue]!]
  if (longest.dequeue !== -1) calls.push(operations[longest.dequeue]!)
  const reason = `a dequeue found nothing, but some item (such as ${show(longest.value)}) was in the queue at every moment of it`
  return contradiction(reason, calls, false)
}

function endOf({ ranks }: Items, { enqueue }: Item): number {
  return ranks.end[enqueue]!
}

function outOf({ ranks }: Items, { dequeue }: Item): number {
  return dequeue === -1 ? never : ranks.start[dequeue]!
}

function callsOf({ operations }: Items, ...items: Item[]): Operation[] {
  return items
    .flatMap(({ enqueue, dequeue }) => [enqueue, dequeue].filter((call) => call !== -1))
    .map((call) => operations[call]!)
}

function contradiction(reason: string, witness: Operation[], alone = true): MonitorAnswer {
  return { verdict: 'invalid', reason, witness, alone }
}

function unsuited(reason: string): MonitorAnswer {
  return { verdict: 'unsuited', reason }
}
