import { randomUUID } from 'node:crypto'
import { builtFile } from '../sync/built-file.ts'
import { Refusal } from './refusal.ts'

/** A plan as it was asked for. */
export interface PlanSpec {
  id: string
  /** The program and its arguments. */
  command: readonly [string, ...string[]]
  /** How many lines it will print, where that is known. */
  expectedLines: number | null
}

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const ownFields = ['id', 'command']

/** The fields that shape the output of the default command, their bounds, and the options of `emit` that they become. */
const emitFields = {
  lines: { from: 0, to: 1_000_000, option: '--lines' },
  stderrLines: { from: 0, to: 1_000_000, option: '--stderr-lines' },
  rate: { from: 0, to: 1_000_000, option: '--rate' },
  lineBytes: { from: 0, to: 65_536, option: '--line-bytes' },
  exitCode: { from: 0, to: 255, option: '--exit-code' },
} as const

const handOverFields = {
  lines: { from: 0, to: 1_000_000, option: '--hand-over-lines' },
  delayMs: { from: 0, to: 600_000, option: '--hand-over-delay-ms' },
} as const

const defaultLines = 20

/** Reads the body of `POST /api/plans`. Throws a Refusal with status 400 that names the field and what it must be. */
export function parsePlanSpec(body: unknown): PlanSpec {
  const fields = objectOf('the body', body, [...ownFields, ...Object.keys(emitFields), 'handOver'])
  const id = parseId(fields.id)
  if (fields.command === undefined) return { id, ...defaultCommand(fields) }
  const others = Object.keys(fields).filter((name) => !ownFields.includes(name))
  if (others.length > 0) throw malformed(`'command' excludes ${others.map((name) => `'${name}'`).join(', ')}`)
  return { id, command: parseCommand(fields.command), expectedLines: null }
}

/** Throws a Refusal with status 400 when it cannot be the id of a plan. */
export function parseId(id: unknown): string {
  if (id === undefined) return `plan-${randomUUID()}`
  if (typeof id === 'string' && idPattern.test(id)) return id
  throw malformed(`'id' must be 1 to 64 letters, digits, dots, dashes or underscores, got ${JSON.stringify(id)}`)
}

function parseCommand(command: unknown): readonly [string, ...string[]] {
  if (Array.isArray(command) && command.length > 0 && command.every((part) => typeof part === 'string')) {
    return command as [string, ...string[]]
  }
  throw malformed(`'command' must be a list of at least one string, got ${JSON.stringify(command)}`)
}

function defaultCommand(fields: Record<string, unknown>): Omit<PlanSpec, 'id'> {
  const { handOver = {}, ...own } = fields
  const handedOver = objectOf("'handOver'", handOver, Object.keys(handOverFields))
  const options = [...optionsOf(emitFields, own, ''), ...optionsOf(handOverFields, handedOver, 'handOver.')]
  const lines = (own.lines as number | undefined) ?? defaultLines
  if (((handedOver.lines as number | undefined) ?? 0) > lines) {
    throw malformed(`'handOver.lines' must be at most 'lines' (${lines}), got ${handedOver.lines}`)
  }
  const script = builtFile('reference-impl/pipeline/emit')
  return {
    command: [process.execPath, script, ...options],
    expectedLines: lines + ((own.stderrLines as number | undefined) ?? 0),
  }
}

function optionsOf(
  table: Record<string, { from: number; to: number; option: string }>,
  values: Record<string, unknown>,
  prefix: string,
): string[] {
  return Object.entries(table).flatMap(([name, { from, to, option }]) => {
    const value = values[name]
    if (value === undefined) return []
    // A rate may be a fraction, such as one line in two seconds; everything else is counted.
    const fits =
      typeof value === 'number' && value >= from && value <= to && (name === 'rate' || Number.isInteger(value))
    if (fits) return [option, String(value)]
    const kind = name === 'rate' ? 'a number' : 'a whole number'
    throw malformed(`'${prefix}${name}' must be ${kind} from ${from} to ${to}, got ${JSON.stringify(value)}`)
  })
}

function objectOf(what: string, value: unknown, known: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(`${what} must be a JSON object, got ${JSON.stringify(value)}`)
  }
  const unknown = Object.keys(value).find((name) => !known.includes(name))
  if (unknown !== undefined) throw malformed(`${what} has an unknown field '${unknown}'; known are ${known.join(', ')}`)
  return value as Record<string, unknown>
}

function malformed(message: string): Refusal {
  return new Refusal(400, message)
}
