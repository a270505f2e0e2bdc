import { median } from '../figure.ts'
import type { Sought } from '../shrink/shrunk.ts'

/** How surely a defect is found, and how well it is told then. */
export interface PowerRow {
  defect: string
  scenario: string
  /** How many seeds looked for it, and how many found it. */
  seeds: number
  found: number
  /** Schedules to the first finding that counts: in the middle, and at worst. */
  schedules: { median: number; worst: number }
  /** The checks that caught it, each once. */
  checks: string[]
  /** How many of the failures could be made small, how many holds they took, and the processor time. */
  small: number
  holds: { median: number; worst: number }
  cpuMs: number
  replays: number
  sameReplays: number
}

const holdsInTheMiddle = 2
const holdsAtWorst = 3
const replaysOfEach = 5

export function powerRow(defect: string, scenario: string, all: readonly Sought[]): PowerRow {
  const hits = all.filter(({ caughtBy }) => caughtBy !== null)
  const small = hits.flatMap(({ small }) => small ?? [])
  return {
    defect,
    scenario,
    seeds: all.length,
    found: hits.length,
    schedules: spread(hits.map(({ schedules }) => schedules)),
    checks: [...new Set(hits.flatMap(({ caughtBy }) => caughtBy ?? []))],
    small: small.length,
    holds: spread(small.map(({ holds }) => holds)),
    cpuMs: Math.round(spread(small.map(({ cpuMs }) => cpuMs)).median),
    replays: small.length * replaysOfEach,
    sameReplays: small.reduce((sum, { sameReplays }) => sum + sameReplays, 0),
  }
}

/** Whether every seed found it, in few enough holds, and every replay was the same. */
export function hasPower({ seeds, found, small, holds, replays, sameReplays }: PowerRow): boolean {
  const isSure = found === seeds && small === seeds
  return isSure && holds.median <= holdsInTheMiddle && holds.worst <= holdsAtWorst && sameReplays === replays
}

const widths = [28, 26, 8, 12, 8, 10, 9, 0]

/** The head of the table, and a row of it. */
export const powerHead = line(['defect', 'scenario', 'found', 'schedules', 'holds', 'replays', 'cpu', 'caught by'])

export function powerLine(row: PowerRow): string {
  const { defect, scenario, found, seeds, schedules, holds, sameReplays, replays, cpuMs, checks } = row
  return line([
    `${hasPower(row) ? '✓' : '✗'} ${defect}`,
    scenario,
    `${found}/${seeds}`,
    `${schedules.median} (${schedules.worst})`,
    `${holds.median} (${holds.worst})`,
    `${sameReplays}/${replays}`,
    `${cpuMs} ms`,
    checks.join(', '),
  ])
}

function line(cells: readonly string[]): string {
  return cells.map((cell, place) => cell.padEnd(widths[place] ?? 0)).join(' ')
}

/** Of nothing, neither is known. */
function spread(values: readonly number[]): { median: number; worst: number } {
  if (values.length === 0) return { median: Number.NaN, worst: Number.NaN }
  return { median: median(values), worst: Math.max(...values) }
}
