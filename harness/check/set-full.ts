import type { Call } from '../history/calls.ts'
import type { History } from '../history/event.ts'
import { type Check, judged, unseen } from './check.ts'
import { DefaultMap } from './default-map.ts'
import { Distribution } from './distribution.ts'
import { Findings } from './findings.ts'
import { type Identity, identity } from './linearizable/identity.ts'
import { show } from './linearizable/wording.ts'
import { type PlacedCall, placedCalls } from './placed-calls.ts'
import { at, count } from './wording.ts'

export interface SetFullOptions {
  /** The element that a call adds, undefined if it adds none; the input of calls named `add` unless told otherwise. */
  added?: (call: Call) => unknown
  /** All elements that an answered call lists, undefined if it is no listing; the output of `read` unless told otherwise. */
  listed?: (call: Call) => readonly unknown[] | undefined
  /** Whether an acknowledged element may be missing from a later listing, as long as it turns up in the end. */
  eventually?: boolean
}

/** What became of the elements of a set, all together. */
export interface SetFullTable {
  attempted: number
  acknowledged: number
  /** Listed by the last listing that could tell. */
  stable: number
  /** Known to be there, and then gone for good. */
  lost: number
  /** Of the stable ones, those that some listing missed although they were known to be there. */
  stale: number
  /** Acknowledged, and never looked for afterwards. */
  neverRead: number
  /** Listed more than once by one listing. */
  duplicated: number
  /** How long stale elements went on being missed after they were known to be there. */
  staleMs: { p50: number; p99: number; max: number }
}

interface Element {
  value: unknown
  add: PlacedCall | undefined
  /** The call that first made it known: its own acknowledgement, or a listing that had it. */
  known: PlacedCall | undefined
  /** The listings that began last: of those with the element, and of those without it that began after it was known. */
  present: PlacedCall | undefined
  missing: PlacedCall | undefined
  duplicate: PlacedCall | undefined
}

type Fate = 'stable' | 'lost' | 'stale' | 'never read' | 'unknown'

/**
 * Every element that was acknowledged, or seen once, is in all listings that begin later (after Jepsen's set-full).
 *
 * An element is *lost* when the last listing that could tell misses it, *stale* when an earlier one did. An element whose
 * addition has an unknown outcome owes nothing until somebody has seen it. Nothing is known of an acknowledged element
 * that was *never read*: the verdict is then `unknown`. An element that one listing has twice is wrong in any case.
 * For sets whose elements are removed, use `survival`.
 */
export function setFull(options: SetFullOptions = {}): Check {
  return {
    name: 'set-full',
    judge(history) {
      const elements = elementsOf(history, options)
      const findings = new Findings('set-full')
      for (const element of elements) judgeElement(element, options.eventually === true, findings)
      if (findings.count > 0) return judged(findings.told())
      const unread = elements.filter((element) => fateOf(element) === 'never read')
      if (unread.length > 0)
        return unseen(`${count(unread.length, 'acknowledged element')} never looked for afterwards`)
      if (!elements.some(({ known }) => known !== undefined)) return unseen('no element was added or listed')
      return judged([])
    },
  }
}

/** Counts what became of the elements. */
export function setFullTable(history: History, options: SetFullOptions = {}): SetFullTable {
  const elements = elementsOf(history, options)
  const having = (fate: Fate) => elements.filter((element) => fateOf(element) === fate)
  const stale = having('stale')
  const staleMs = new Distribution()
  for (const { known, missing } of stale) staleMs.record(missing!.invokedMs - known!.outcome.timeMs)
  return {
    attempted: elements.filter(({ add }) => add !== undefined).length,
    acknowledged: elements.filter(({ add }) => add?.outcome.type === 'ok').length,
    stable: having('stable').length + stale.length,
    lost: having('lost').length,
    stale: stale.length,
    neverRead: having('never read').length,
    duplicated: elements.filter(({ duplicate }) => duplicate !== undefined).length,
    staleMs: { p50: staleMs.percentileMs(50), p99: staleMs.percentileMs(99), max: staleMs.maxMs },
  }
}

function elementsOf(history: History, { added = addedInput, listed = listedOutput }: SetFullOptions): Element[] {
  const elements = new DefaultMap<Identity, Element>(() => ({
    value: undefined,
    add: undefined,
    known: undefined,
    present: undefined,
    missing: undefined,
    duplicate: undefined,
  }))
  const listings: { call: PlacedCall; list: readonly unknown[] }[] = []
  for (const call of placedCalls(history)) {
    const list = call.outcome.type === 'ok' ? listed(call) : undefined
    if (list !== undefined) listings.push({ call, list })
    const value = call.outcome.type === 'fail' ? undefined : added(call)
    if (value === undefined) continue
    const element = elements.of(identity(value))
    Object.assign(element, { value, add: call, known: call.outcome.type === 'ok' ? call : undefined })
  }
  for (const { call, list } of listings) notePresent(elements, call, list)
  for (const { call, list } of listings) noteMissing(elements, call, list)
  return [...elements.values()]
}

function addedInput({ f, input }: Call): unknown {
  return f === 'add' ? input : undefined
}

function listedOutput({ f, outcome }: Call): readonly unknown[] | undefined {
  if (f !== 'read' || outcome.type !== 'ok' || !Array.isArray(outcome.output)) return undefined
  return outcome.output
}

function notePresent(elements: DefaultMap<Identity, Element>, call: PlacedCall, list: readonly unknown[]): void {
  const seen = new Set<Identity>()
  for (const value of list) {
    const id = identity(value)
    const element = elements.of(id)
    element.value = value
    if (seen.has(id)) element.duplicate ??= call
    seen.add(id)
    if (element.known === undefined || call.end < element.known.end) element.known = call
    if (element.present === undefined || call.begin > element.present.begin) element.present = call
  }
}

function noteMissing(elements: ReadonlyMap<Identity, Element>, call: PlacedCall, list: readonly unknown[]): void {
  const seen = new Set(list.map(identity))
  for (const [id, element] of elements) {
    if (seen.has(id) || element.known === undefined || call.begin < element.known.end) continue
    if (element.missing === undefined || call.begin > element.missing.begin) element.missing = call
  }
}

function fateOf({ known, present, missing }: Element): Fate {
  if (known === undefined) return 'unknown'
  if (missing === undefined) return present === undefined ? 'never read' : 'stable'
  return present !== undefined && present.begin > missing.begin ? 'stale' : 'lost'
}

function judgeElement(element: Element, eventually: boolean, findings: Findings): void {
  const { value, add, known, missing, present, duplicate } = element
  const fate = fateOf(element)
  if (duplicate !== undefined) {
    findings.add('duplicated', show(value), () => ({
      message: `${show(value)} was listed more than once by ${lookOf(duplicate)}`,
      clients: [duplicate.client],
      evidence: duplicate.events,
      likelyCause: 'An addition was repeated after its answer had been lost, and is not recognised as the same.',
    }))
  }
  if (fate !== 'lost' && (fate !== 'stale' || eventually)) return
  const later = fate === 'stale' ? `; ${lookOf(present!)} had it again` : ''
  findings.add(fate, show(value), () => ({
    message: `${show(value)} was ${fate}: ${knownBy(known!, add)}, and ${lookOf(missing!)} did not have it${later}`,
    clients: [known!.client, missing!.client],
    evidence: [...known!.events, ...missing!.events, ...(fate === 'stale' ? present!.events : [])],
    likelyCause:
      fate === 'lost'
        ? 'Two writers read, change and write back the whole set, and one write replaces the other.'
        : 'The listing comes from a copy (a cache, another process) that additions reach only later.',
  }))
}

function knownBy(known: PlacedCall, add: PlacedCall | undefined): string {
  const how = known === add ? 'was acknowledged' : 'had listed it'
  return `${known.client}'s ${known.f} ${how} at ${at(known.outcome.timeMs)}`
}

function lookOf({ client, f, invokedMs }: PlacedCall): string {
  return `${client}'s ${f}, begun at ${at(invokedMs)},`
}
