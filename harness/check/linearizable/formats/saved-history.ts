import type { History } from '../../../history/event.ts'

/** Something wrong with a file, and the line it is in, from 1. */
export interface LineProblem {
  line: number
  text: string
}

/** A history as it was read from a file. */
export interface SavedHistory {
  /** The name of the format, such as `Jepsen EDN`. */
  format: string
  history: History
  /** The line of each event. */
  lines: number[]
  /** What could not be read. Any of these makes the history impossible to judge. */
  problems: LineProblem[]
  /** The line in which the file breaks off, or null: what came before it was read. */
  cutAt: number | null
}
