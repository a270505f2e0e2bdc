/**
 * The fewest items that still fail, by leaving out ever smaller runs of them (Zeller and Hildebrandt 2002). The result is
 * 1-minimal: with any single item left out it does not fail, unless `fails` has given up answering.
 *
 * It departs from the paper in trying complements only: what makes a schedule fail is never spread over the halves.
 */
export function ddmin<Item>(items: readonly Item[], fails: (kept: readonly Item[]) => boolean): Item[] {
  if (items.length > 0 && fails([])) return []
  let kept = [...items]
  let size = Math.ceil(kept.length / 2)
  while (kept.length > 0 && size > 0) {
    const before = kept.length
    for (let from = 0; from < kept.length; ) {
      const without = [...kept.slice(0, from), ...kept.slice(from + size)]
      if (without.length < kept.length && without.length > 0 && fails(without)) kept = without
      else from += size
    }
    // Single items may become superfluous once another one is gone, so that the last round is repeated until nothing goes.
    if (size === 1 && kept.length === before) break
    size = size === 1 ? 1 : Math.ceil(size / 2)
  }
  return kept
}
