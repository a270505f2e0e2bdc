/** Ids from `from` to `to`, both included. */
export interface Span {
  from: number
  to: number
}

/** What is wrong with the ids that one subscriber received. */
export interface SequenceFaults {
  /** Ids that never came and were not announced as gone. */
  missing: Span[]
  /** Ids that came again. */
  duplicated: number[]
  /** Ids that came after a higher one. */
  late: number[]
  /** Ids that the subscriber already had when it subscribed. */
  stale: number[]
}

/**
 * Compares the ids that a subscriber received, in order of arrival, with those it was owed: `after + 1` to `upTo`, each
 * once, in order, except those in an announced gap. Linear when nothing is wrong, else O(n log n).
 */
export function sequenceFaults(
  ids: readonly number[],
  { after, upTo, gaps }: { after: number; upTo: number; gaps: readonly Span[] },
): SequenceFaults {
  if (isWhole(ids, after, upTo)) return { missing: [], duplicated: [], late: [], stale: [] }
  const seen = new Set<number>()
  const faults: SequenceFaults = { missing: [], duplicated: [], late: [], stale: [] }
  let highest = after
  for (const id of ids) {
    if (seen.has(id)) faults.duplicated.push(id)
    else if (id <= after) faults.stale.push(id)
    else if (id < highest) faults.late.push(id)
    seen.add(id)
    highest = Math.max(highest, id)
  }
  faults.missing = missing(seen, gaps, after, Math.max(upTo, highest))
  return faults
}

function isWhole(ids: readonly number[], after: number, upTo: number): boolean {
  for (let place = 0; place < ids.length; place++) if (ids[place] !== after + 1 + place) return false
  return after + ids.length >= upTo
}

/** The spans of (after, upTo] that neither an id nor a gap covers. */
function missing(ids: Iterable<number>, gaps: readonly Span[], after: number, upTo: number): Span[] {
  const covered = [...[...ids].map((id) => ({ from: id, to: id })), ...gaps].sort((a, b) => a.from - b.from)
  const holes: Span[] = []
  let next = after + 1
  for (const { from, to } of covered) {
    if (from > upTo) break
    if (from > next) holes.push({ from: next, to: from - 1 })
    next = Math.max(next, to + 1)
  }
  if (next <= upTo) holes.push({ from: next, to: upTo })
  return holes
}

/** Puts ids together into spans, in order. */
export function spans(ids: readonly number[]): Span[] {
  const together: Span[] = []
  for (const id of [...ids].sort((a, b) => a - b)) {
    const last = together.at(-1)
    if (last !== undefined && id <= last.to + 1) last.to = id
    else together.push({ from: id, to: id })
  }
  return together
}

/** `event 7`, `events 14–20, 23`: at most five spans, then how many more. */
export function eventsIn(all: readonly Span[]): string {
  const shown = all.slice(0, 5).map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`))
  const beyond = all.length > shown.length ? ` and ${all.length - shown.length} more spans` : ''
  const single = all.length === 1 && all[0]!.from === all[0]!.to
  return `event${single ? '' : 's'} ${shown.join(', ')}${beyond}`
}
