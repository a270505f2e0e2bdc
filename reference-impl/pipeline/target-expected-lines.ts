import { type Call, calls, type History } from 'raceproof'
import type { PlanOrder } from './target-client.ts'

/** What a subscriber that saw a stream whole received. */
type Events = readonly { id: number; kind: string; data: unknown }[]

interface LogData {
  source: 'stdout' | 'stderr'
  line: string
}

const sources = ['stdout', 'stderr'] as const

/**
 * Judges the content of a stream: a plan that ended `completed` has delivered every line that was asked for, one that
 * ended otherwise a prefix of them, each source's lines in their order. Null when that is so, else what is wrong.
 *
 * For `check.delivery({ complete: everyLine() })`. A plan with a command of its own prints what nobody here knows, and
 * has nothing to complain about.
 */
export function everyLine(): (history: History, stream: string, events: Events) => string | null {
  const indexes = new WeakMap<History, Map<string, PlanOrder>>()
  return (history, stream, events) => {
    const orders = indexes.get(history) ?? ordersOf(history)
    indexes.set(history, orders)
    const order = orders.get(stream)
    return order === undefined || order.command !== undefined ? null : complaint(order, events)
  }
}

/** What each stream was asked to print, from the calls that created the plans. */
function ordersOf(history: History): Map<string, PlanOrder> {
  return new Map(calls(history).flatMap((call) => entryOf(call)))
}

function entryOf({ f, input, outcome }: Call): [string, PlanOrder][] {
  if (f !== 'createPlan' || outcome.type !== 'ok') return []
  return [[(outcome.output as { stream: string }).stream, input as PlanOrder]]
}

function complaint(order: PlanOrder, events: Events): string | null {
  const asked = { stdout: order.lines ?? 20, stderr: order.stderrLines ?? 0 }
  const completed = events.at(-1)?.kind === 'completed'
  for (const source of sources) {
    const lines = linesOf(events, source)
    const wrong = firstWrong(lines, asked[source])
    if (wrong !== null) return `${source}: ${wrong}`
    if (completed && lines.length < asked[source]) {
      return `completed with ${lines.length} of the ${asked[source]} lines of ${source} that were asked for: ${lost(lines.length, asked[source])} never came`
    }
  }
  return null
}

function linesOf(events: Events, source: LogData['source']): string[] {
  return events
    .filter(({ kind }) => kind === 'log')
    .map(({ data }) => data as LogData)
    .filter((log) => log.source === source)
    .map(({ line }) => line)
}

/** The first line that is not the one whose turn it was. */
function firstWrong(lines: readonly string[], asked: number): string | null {
  const place = lines.findIndex((line, index) => !isLine(line, index + 1, asked))
  return place < 0 ? null : `expected line ${place + 1} of ${asked}, got '${lines[place]!.slice(0, 60)}'`
}

/** A line may be padded with dots behind its number. */
function isLine(line: string, number: number, asked: number): boolean {
  const text = `line ${number} of ${asked}`
  return number <= asked && (line === text || line.startsWith(`${text} .`))
}

function lost(came: number, asked: number): string {
  return came + 1 === asked ? `line ${asked}` : `lines ${came + 1}–${asked}`
}
