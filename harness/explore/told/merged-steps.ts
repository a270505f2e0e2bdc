import type { PickedRow } from './pick-rows.ts'

/** Of the steps that matter, those of one process that are the same over and over, as one row: a timer that fires again. */
export function mergedSteps(rows: readonly PickedRow[]): PickedRow[] {
  const merged: { row: PickedRow; times: number }[] = []
  for (const row of rows.filter(({ matters, part }) => matters || part !== 'step')) {
    const last = merged.at(-1)
    if (last !== undefined && isRepetition(row, last.row)) last.times++
    else merged.push({ row, times: 1 })
  }
  return merged.map(({ row, times }) => (times === 1 ? row : { ...row, what: `${row.what}, ${times} times in a row` }))
}

function isRepetition(row: PickedRow, last: PickedRow): boolean {
  return row.part === 'step' && last.part === 'step' && row.actor === last.actor && row.what === last.what
}
