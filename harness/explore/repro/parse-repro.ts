import { z } from 'zod'
import { HarnessError } from '../../errors.ts'
import type { Repro } from './repro.ts'

const key = z.string().regex(/^.+\/\d+$/, 'expected the key of an event, such as fs#4/0')
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hexadecimal digits')

/** The form of a repro file. `harness/repro.schema.json` says the same for other programs. */
export const reproSchema = z.strictObject({
  version: z.literal(1),
  world: z.literal('sim'),
  scenario: z.string().min(1),
  file: z.string().min(1).nullable(),
  target: z.string().min(1),
  defect: z.string().min(1).nullable(),
  seed: z.int().nonnegative(),
  clients: z.int().positive(),
  holds: z.array(z.strictObject({ event: key, until: key })),
  order: z.array(key).optional(),
  withoutFaults: z.array(z.string()),
  withoutCalls: z.array(z.string()),
  faults: z.array(z.string()),
  strategy: z.string(),
  finding: z.strictObject({ check: z.string().min(1), message: z.string() }),
  traceHash: hash,
  digests: z.array(z.string().regex(/^(?:[0-9a-f]{2}){1,32}$/, 'expected two hexadecimal digits for each step')),
  scenarioHash: hash,
  versions: z.strictObject({ raceproof: z.string(), node: z.string() }),
})

/** Reads a repro. Throws `ERR_RECORD_INVALID` with the file, the field, what was expected there and what came. */
export function parseRepro(path: string, text: string): Repro {
  const value = parseJson(path, text)
  expectVersion(path, value)
  const parsed = reproSchema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalid(path, `is no repro that 'raceproof run' has saved:\n${z.prettifyError(parsed.error)}`)
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalid(path, `is not JSON (${(error as Error).message}). It is another file, or it was cut off`)
  }
}

/** Another version may mean anything by its fields, so that complaints about those would only mislead. */
function expectVersion(path: string, value: unknown): void {
  const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined
  if (version === undefined || version === 1) return
  const wrote = `has the version ${JSON.stringify(version)}, and this raceproof reads version 1`
  throw invalid(path, `${wrote}. Use the raceproof that wrote it`)
}

function invalid(path: string, problem: string): HarnessError {
  return new HarnessError('ERR_RECORD_INVALID', `${path} ${problem}`)
}
