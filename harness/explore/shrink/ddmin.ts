/**
 * The fewest items that still fail, by leaving out ever smaller runs of them (Zeller and Hildebrandt 2002). `fails` answers
 * with the items that are to be gone on with, which may be fewer than it was asked about; null when they do not fail.
 *
 * The result is 1-minimal: with any single item left out it does not fail, unless `fails` has given up answering.
 *
 * It departs from the paper in trying complements only, since what makes a schedule fail is rarely all in one part; and in
 * going on with the size of runs it has, instead of doubling it, when one could go.
 */
export function ddmin<Item>(
  items: readonly Item[],
  fails: (kept: readonly Item[]) => readonly Item[] | null,
): readonly Item[] {
  if (items.length === 0) return items
  let kept = fails([]) ?? items
  for (let size = Math.ceil(kept.length / 2); kept.length > 0; size = Math.ceil(Math.min(size, kept.length) / 2)) {
    const before = kept.length
    kept = withoutRuns(kept, size, fails)
    // Single items may become superfluous once another one is gone, so that the last round is repeated until nothing goes.
    if (size === 1 && kept.length === before) break
  }
  return kept
}

/** Leaves out each run of so many items, one after the other, where it can go. */
function withoutRuns<Item>(
  items: readonly Item[],
  size: number,
  fails: (kept: readonly Item[]) => readonly Item[] | null,
): readonly Item[] {
  let kept = items
  for (let from = 0; from < kept.length; ) {
    const without = [...kept.slice(0, from), ...kept.slice(from + size)]
    // That nothing at all is needed has been tried.
    const failing = without.length === 0 ? null : fails(without)
    if (failing === null) from += size
    else kept = failing
  }
  return kept
}
