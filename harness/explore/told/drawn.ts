import type { Row, TimeLine } from './time-line.ts'
import { width } from './wrapped.ts'

/** `Time` and `ms`, each with the space behind it. */
const gutter = '  Time        ms  '.length
/** Whatever stands in the last column has as much room. */
const roomAtLeast = 52
const columnAtMost = 16
const columnAtLeast = 4

/** The time-line with a column for each process and client. A row may reach into the columns behind its own. */
export function drawn({ actors, rows, programs, steps, leftOut }: TimeLine): string[] {
  if (rows.length === 0) return []
  const column = columnWidth(actors)
  const head = `  Time        ms  ${actors.map((actor) => nameIn(column, actor)).join('')}`.trimEnd()
  const lines = rows.map((row) => line(row, actors.indexOf(row.actor) * column, rows))
  return [head, ...lines, ...legend(programs), ...more(steps, leftOut)]
}

/** Never so wide that the last column has no room; where there are too many, they are narrow. */
function columnWidth(actors: readonly string[]): number {
  const longest = Math.max(...actors.map(({ length }) => length)) + 2
  const fitting = Math.floor((width - gutter - roomAtLeast) / Math.max(1, actors.length - 1))
  return Math.max(columnAtLeast, Math.min(columnAtMost, longest, fitting))
}

function nameIn(column: number, actor: string): string {
  return (actor.length < column ? actor : `${actor.slice(0, column - 2)}…`).padEnd(column)
}

const marks: Record<Row['part'], string> = {
  due: '┊ ',
  held: '▶ ',
  awaited: '● ',
  call: '',
  step: '',
  failure: '✗ ',
}

function line(row: Row, indent: number, rows: readonly Row[]): string {
  const { time, timeMs, part, what } = row
  const ms = Number.isInteger(timeMs) ? String(timeMs) : timeMs.toFixed(1)
  const before = `${String(time).padStart(6)}${ms.padStart(10)}  ${' '.repeat(indent)}${marks[part]}`
  const after = note(row, rows)
  const room = width - before.length - after.length
  const text = what.length > room ? `${what.slice(0, Math.max(8, room - 1))}…` : what
  return `${before}${text}${after}`.trimEnd()
}

/** Marks what is held back, from where to where. */
function note({ part, key }: Row, rows: readonly Row[]): string {
  if (part === 'held') return '  ◀ held until here'
  if (part !== 'due') return ''
  const held = rows.find((other) => other.part === 'held' && other.key === key)
  return held === undefined ? '  ◀ held back, and never came' : `  ◀ held back until ${held.time}`
}

function legend(programs: TimeLine['programs']): string[] {
  return programs.map(({ process, command }) => `${' '.repeat(gutter)}${process} runs: ${command}`.slice(0, width))
}

function more(steps: number, leftOut: number): string[] {
  return leftOut === 0
    ? []
    : [`${' '.repeat(gutter)}… ${leftOut} of the ${steps} steps ${leftOut === 1 ? 'is' : 'are'} not shown`]
}
