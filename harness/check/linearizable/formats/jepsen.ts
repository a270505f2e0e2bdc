import type { HistoryEvent } from '../../../history/event.ts'
import { type Edn, EdnError, EdnReader, Tagged } from './edn.ts'
import type { LineProblem, SavedHistory } from './saved-history.ts'

/** One line of a Jepsen history. */
export interface JepsenOperation {
  process: Edn
  type: Edn
  f: Edn
  value: Edn
  key?: Edn
  /** In nanoseconds. */
  time?: Edn
  error?: Edn
  /** The operation is `ok` in that it answers no. */
  refused?: boolean
}

/**
 * Turns Jepsen's operations into events. A process is a client that does one thing at a time. What a completion's value
 * means depends on the operation: it is the answer where the invocation had none; a `cas` that is `ok` has succeeded.
 */
export class JepsenEvents {
  readonly history: HistoryEvent[] = []
  readonly lines: number[] = []
  readonly problems: LineProblem[] = []
  readonly #open = new Map<string, { call: number; f: string; value: Edn }>()
  #calls = 0

  add(operation: JepsenOperation, line: number): void {
    const { type, f, time } = operation
    if (typeof operation.process !== 'number') return // The nemesis: what it did is not a call.
    if (typeof type !== 'string' || !['invoke', 'ok', 'fail', 'info'].includes(type) || typeof f !== 'string') {
      this.problems.push({ line, text: 'expected an operation with :process, :type and :f' })
      return
    }
    const timeMs = typeof time === 'number' ? Math.round(time / 1000) / 1000 : this.history.length
    const client = String(operation.process)
    this.lines.push(line)
    if (type === 'invoke') this.#begin(operation, client, f, timeMs)
    else this.#complete(operation, type as 'ok' | 'fail' | 'info', client, f, timeMs)
  }

  #begin(operation: JepsenOperation, client: string, f: string, timeMs: number): void {
    const call = this.#calls++
    this.#open.set(client, { call, f, value: operation.value })
    this.history.push({ type: 'invoke', timeMs, client, call, f, input: inputOf(operation) })
  }

  #complete(
    { value, error, refused = false }: JepsenOperation,
    type: 'ok' | 'fail' | 'info',
    client: string,
    f: string,
    timeMs: number,
  ): void {
    const begun = this.#open.get(client)
    this.#open.delete(client)
    const common = { timeMs, client, call: begun?.call ?? -1, f }
    if (type === 'ok')
      this.history.push({ type, ...common, output: refused ? false : outputOf(f, begun?.value, value) })
    else this.history.push({ type, ...common, error: String(error ?? value ?? 'no reason was given') })
  }
}

function inputOf({ key, value }: JepsenOperation): unknown {
  if (key !== undefined) return value === null ? { key } : { key, value }
  const tuple = value instanceof Tagged ? value.value : null
  if (!Array.isArray(tuple)) return value
  return tuple[1] === null ? { key: tuple[0] } : { key: tuple[0], value: tuple[1] }
}

function outputOf(f: string, asked: Edn | undefined, answered: Edn): unknown {
  if (f === 'cas') return true
  const [question, reply] = [untagged(asked ?? null), untagged(answered)]
  return question === null ? reply : undefined
}

function untagged(value: Edn): Edn {
  return value instanceof Tagged && Array.isArray(value.value) ? (value.value[1] ?? null) : value
}

/** Reads a Jepsen history in EDN: one operation after the other, or all in one vector. */
export function readJepsenEdn(text: string): SavedHistory {
  const reader = new EdnReader(text)
  const events = new JepsenEvents()
  const { history, lines, problems } = events
  const saved: SavedHistory = { format: 'Jepsen EDN', history, lines, problems, cutAt: null }
  const first = reader.next()
  const inVector = first !== null && (text[first] === '[' || text[first] === '(')
  if (inVector) reader.skip(1)
  let line = 1
  let counted = 0
  for (let at = reader.next(); at !== null && !(inVector && /[\])]/.test(text[at]!)); at = reader.next()) {
    line += newlines(text, counted, at)
    counted = at
    try {
      addOperation(events, reader.read(), line)
    } catch (thrown) {
      if (!(thrown instanceof EdnError)) throw thrown
      if (thrown.ended) saved.cutAt = line
      else problems.push({ line, text: thrown.message })
      break
    }
  }
  return saved
}

function addOperation(events: JepsenEvents, value: Edn, line: number): void {
  const operation = value instanceof Tagged ? value.value : value
  if (typeof operation !== 'object' || operation === null || Array.isArray(operation) || operation instanceof Tagged) {
    events.problems.push({ line, text: 'expected an operation, {:process …, :type …, :f …, :value …}' })
  } else events.add({ value: null, ...operation } as unknown as JepsenOperation, line)
}

function newlines(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) count++
  return count
}
