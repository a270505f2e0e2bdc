import type { Call } from '../history/calls.ts'
import { CallTimes } from './call-times.ts'
import { type Check, judged, unseen } from './check.ts'
import { DefaultMap } from './default-map.ts'
import { Findings } from './findings.ts'
import { type Identity, identity } from './linearizable/identity.ts'
import { show } from './linearizable/wording.ts'
import { type PlacedCall, placedCalls } from './placed-calls.ts'
import { at } from './wording.ts'

/** What a call did with one thing: it set it to a value, or its answer shows a value. Values compare by content. */
export type Access = { thing: string; wrote: unknown } | { thing: string; saw: unknown }

export interface FreshnessOptions {
  /** What a call changes and shows; null or an empty list where that is nothing. Failed calls are not asked about. */
  access: (call: Call) => Access | readonly Access[] | null
}

/** What was done with one thing. */
interface Thing {
  /** The writes that were acknowledged. */
  acknowledged: CallTimes
  /** All writes that may have happened, by value. */
  byValue: DefaultMap<Identity, CallTimes>
  written: Map<PlacedCall, unknown>
  reads: { call: PlacedCall; saw: unknown }[]
}

/**
 * A read sees every change that was acknowledged before it began: the value of the last such change, of a later one, or
 * of one that overlaps it.
 *
 * A write of unknown outcome may take effect at any time, so its value is never too old. A value that nobody wrote is
 * the one from before all writes: it is right only until the first acknowledged write (which also shows a reader that
 * saw half of one). The order of reads among each other is the business of `linearizable`.
 */
export function freshness({ access }: FreshnessOptions): Check {
  return {
    name: 'freshness',
    judge(history) {
      const things = thingsOf(placedCalls(history), access)
      const findings = new Findings('freshness')
      let proving = 0
      for (const [name, thing] of things) {
        for (const read of thing.reads) if (judgeRead(name, thing, read, findings)) proving++
      }
      if (findings.count === 0 && proving === 0) return unseen('nothing was read after a change was acknowledged')
      return judged(findings.told())
    },
  }
}

function thingsOf(all: readonly PlacedCall[], access: FreshnessOptions['access']): ReadonlyMap<string, Thing> {
  const things = new DefaultMap<string, Thing>(() => ({
    acknowledged: new CallTimes(),
    byValue: new DefaultMap(() => new CallTimes()),
    written: new Map(),
    reads: [],
  }))
  for (const call of all) {
    if (call.outcome.type === 'fail') continue
    for (const one of [access(call) ?? []].flat()) {
      const thing = things.of(one.thing)
      if ('wrote' in one) noteWrite(thing, call, one.wrote)
      else if (call.outcome.type === 'ok') thing.reads.push({ call, saw: one.saw })
    }
  }
  return things
}

function noteWrite({ acknowledged, byValue, written }: Thing, call: PlacedCall, value: unknown): void {
  byValue.of(identity(value)).add(call)
  if (call.outcome.type !== 'ok') return
  acknowledged.add(call)
  written.set(call, value)
}

/** Judges a read, and says whether it could have shown anything: whether a change had been acknowledged before it. */
function judgeRead(name: string, thing: Thing, { call, saw }: Thing['reads'][number], findings: Findings): boolean {
  const change = thing.acknowledged.begunLastOfSettledBefore(call.begin)
  if (change === undefined) return false
  const source = thing.byValue.get(identity(saw))?.settledLastOfBegunBefore(call.end)
  // Whatever wrote the value may have taken effect after the change, or is the change itself.
  if (source !== undefined && source.settled > change.begin) return true
  const origin =
    source === undefined
      ? 'which no write had put there since'
      : `which ${source.client} had written by ${at(source.outcome.timeMs)}`
  findings.add(source === undefined ? 'unwritten' : 'stale', name, () => ({
    message:
      `${name}: ${call.client}'s ${call.f}, begun at ${at(call.invokedMs)}, saw ${show(saw)}, ${origin}; ` +
      `${change.client}'s ${change.f} to ${show(thing.written.get(change))} had been acknowledged at ${at(change.outcome.timeMs)}`,
    clients: [call.client, change.client],
    evidence: [...(source?.events ?? []), ...change.events, ...call.events],
    likelyCause:
      'The reader is served from a copy (a cache, another process, another connection) that the change does not reach, ' +
      'or while the change is written in place.',
  }))
  return true
}
