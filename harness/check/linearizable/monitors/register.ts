import { type Monitor, type MonitorAnswer, never, type Operation } from '../../../model.ts'
import { type Identity, identity } from '../identity.ts'
import { valueIn } from '../models/inputs.ts'
import { show } from '../wording.ts'
import { type RankedCalls, ranked } from './ranked-calls.ts'

/**
 * Registers whose every write has a value of its own, without a search (Gibbons and Korach 1997, section 4).
 *
 * A write and the reads of its value form a cluster. With `low` the first return and `high` the last begin among them,
 * the value was certainly current from `low` to `high` when `low < high` (a forward zone); else the whole cluster may
 * have happened at any one moment between `high` and `low` (a backward zone). The calls are linearizable exactly if no
 * two forward zones overlap and no backward zone lies inside a forward one.
 *
 * ```
 *  write(1) ├────┤                      forward zone of 1:       low ├──────┤ high
 *  read → 1           ├───┤             (its first return, to the begin of its last call)
 *  write(2)       ├┤                    backward zone of 2: all of it inside, so 1 could not have been current
 * ```
 *
 * Departures: the initial value is a write before everything; pending reads say nothing, and pending writes count only
 * when somebody has read their value.
 */
export const registerMonitor: Monitor = {
  name: 'register monitor (unique writes)',
  complexity: 'O(n log n), Gibbons and Korach 1997',
  judge,
}

interface Clusters {
  operations: readonly Operation[]
  ranks: RankedCalls
  /** The cluster of each call, or -1 for pending reads. Cluster 0 is the initial value's. */
  of: Int32Array
  /** The write of each cluster, or -1 when nobody wrote the value. */
  writes: number[]
  values: unknown[]
}

interface Contradiction {
  reason: string
  calls: number[]
}

function judge(operations: readonly Operation[]): MonitorAnswer {
  const clusters = clustersOf(operations)
  if (typeof clusters === 'string') return { verdict: 'unsuited', reason: clusters }
  const { ranks } = clusters
  const last = contradiction(clusters, ranks.events)
  if (last === null) return { verdict: 'valid' }
  const rank = firstBadRank(clusters, lastRank(ranks, last))
  const { reason, calls } = contradiction(clusters, rank)!
  const witness = [...new Set(calls.filter((call) => call >= 0))].map((call) => operations[call]!)
  return { verdict: 'invalid', reason, witness, alone: true, end: operations[ranks.end.indexOf(rank)]!.end }
}

/** The rank with which the history becomes impossible, which is mostly that of the contradiction that was found first. */
function firstBadRank(clusters: Clusters, knownBad: number): number {
  let good = 0
  let bad = knownBad
  for (let middle = bad - 1; bad - good > 1; middle = (good + bad) >> 1) {
    if (contradiction(clusters, middle) === null) good = middle
    else bad = middle
  }
  return bad
}

/** When all calls of a contradiction have returned, those that ever do. */
function lastRank({ start, end }: RankedCalls, { calls }: Contradiction): number {
  const ranks = calls.filter((call) => call >= 0).map((call) => (end[call] === never ? start[call]! : end[call]!))
  return Math.max(...ranks)
}

/** Puts calls into clusters, or tells why the history is not of the kind that this monitor can judge. */
function clustersOf(operations: readonly Operation[]): Clusters | string {
  const numbers = new Map<Identity, number>([[null, 0]])
  const writes = [-1]
  const values: unknown[] = [null]
  const of = new Int32Array(operations.length).fill(-1)
  for (let call = 0; call < operations.length; call++) {
    const { f, input, output, known } = operations[call]!
    if (f !== 'read' && f !== 'write') return `it has calls of '${f}', not only reads and writes`
    if (f === 'read' && !known) continue
    const value = f === 'read' ? output : valueIn(input)
    const id = identity(value)
    let cluster = numbers.get(id)
    if (cluster === undefined) {
      cluster = values.push(value) - 1
      numbers.set(id, cluster)
      writes.push(-1)
    }
    of[call] = cluster
    if (f === 'read') continue
    if (cluster === 0) return 'the initial value was written again'
    if (writes[cluster] !== -1) return `the value ${show(value)} was written more than once`
    writes[cluster] = call
  }
  return { operations, ranks: ranked(operations), of, writes, values }
}

/** First return and last begin of each cluster, and which calls they are of. */
interface Zones {
  low: Int32Array
  high: Int32Array
  lowCall: Int32Array
  highCall: Int32Array
}

/** What is wrong in the part of the history up to a rank. */
function contradiction(clusters: Clusters, upTo: number): Contradiction | null {
  const zones = zonesOf(clusters, upTo)
  if ('reason' in zones) return zones
  const forward = forwardZones(clusters, zones, upTo)
  return 'reason' in forward ? forward : swallowed(clusters, zones, forward)
}

function zonesOf({ operations, ranks, of, writes }: Clusters, upTo: number): Zones | Contradiction {
  const { start, end } = ranks
  const size = writes.length
  const low = new Int32Array(size).fill(never)
  const high = new Int32Array(size).fill(-1)
  const lowCall = new Int32Array(size).fill(-1)
  const highCall = new Int32Array(size).fill(-1)
  low[0] = 0
  high[0] = 0
  for (let call = 0; call < of.length && start[call]! <= upTo; call++) {
    const cluster = of[call]!
    if (cluster === -1) continue
    const write = writes[cluster]!
    const ended = end[call]! <= upTo
    if (write !== call) {
      if (!ended) continue
      if (cluster !== 0 && (write === -1 || start[write]! > end[call]!)) return fromNowhere(operations, call, write)
    }
    if (ended && end[call]! < low[cluster]!) {
      low[cluster] = end[call]!
      lowCall[cluster] = call
    }
    if (start[call]! > high[cluster]!) {
      high[cluster] = start[call]!
      highCall[cluster] = call
    }
  }
  return { low, high, lowCall, highCall }
}

function fromNowhere(operations: readonly Operation[], read: number, write: number): Contradiction {
  const when = write === -1 ? 'which nobody ever wrote' : 'before anybody had begun to write it'
  return { reason: `a read gave ${show(operations[read]!.output)}, ${when}`, calls: [read, write] }
}

/** The clusters of the forward zones, in order of time; they must not overlap. */
function forwardZones(clusters: Clusters, zones: Zones, upTo: number): number[] | Contradiction {
  const { low, high, lowCall, highCall } = zones
  const beginning = new Int32Array(upTo + 1).fill(-1)
  for (let cluster = 0; cluster < low.length; cluster++) {
    if (low[cluster]! < high[cluster]!) beginning[low[cluster]!] = cluster
  }
  const forward: number[] = []
  let last = -1
  for (const cluster of beginning) {
    if (cluster === -1) continue
    if (last !== -1 && low[cluster]! < high[last]!) {
      const [one, other] = [show(clusters.values[last]), show(clusters.values[cluster])]
      return {
        reason: `${one} and ${other} each had to be the value at the same time`,
        calls: [lowCall[last]!, highCall[last]!, lowCall[cluster]!, highCall[cluster]!],
      }
    }
    forward.push(cluster)
    last = cluster
  }
  return forward
}

/** A backward zone that lies inside a forward one. */
function swallowed(clusters: Clusters, zones: Zones, forward: readonly number[]): Contradiction | null {
  const { low, high, lowCall, highCall } = zones
  for (let cluster = 1; cluster < low.length; cluster++) {
    if (low[cluster] === never || low[cluster]! < high[cluster]!) continue
    const around = lastBeginningBefore(high[cluster]!, forward, low)
    if (around === -1 || high[around]! < low[cluster]!) continue
    const [inner, outer] = [show(clusters.values[cluster]), show(clusters.values[around])]
    return {
      reason: `${inner} was written, and replaced, within a time in which the value had to stay ${outer}`,
      calls: [lowCall[around]!, highCall[around]!, highCall[cluster]!, lowCall[cluster]!],
    }
  }
  return null
}

function lastBeginningBefore(rank: number, forward: readonly number[], low: Int32Array): number {
  let from = 0
  let to = forward.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (low[forward[middle]!]! < rank) from = middle + 1
    else to = middle
  }
  return from === 0 ? -1 : forward[from - 1]!
}
