import { z } from 'zod'
import { HarnessError } from '../../errors.ts'
import type { Repro } from './repro.ts'

const hold = z.strictObject({ event: z.string(), until: z.string() })

/** The schema of a repro file, from which `harness/repro.schema.json` is made. */
export const reproSchema = z.object({
  version: z.literal(1),
  world: z.literal('sim'),
  scenario: z.string(),
  file: z.string().nullable(),
  target: z.string(),
  defect: z.string().nullable(),
  seed: z.int().nonnegative(),
  clients: z.int().positive(),
  holds: z.array(hold),
  withoutFaults: z.array(z.string()),
  withoutCalls: z.array(z.string()),
  faults: z.array(z.string()),
  strategy: z.string(),
  finding: z.object({ check: z.string(), message: z.string() }),
  traceHash: z.string(),
  digests: z.array(z.string()),
  scenarioHash: z.string(),
  versions: z.object({ raceproof: z.string(), node: z.string() }),
})

/** Reads a repro. Throws `ERR_RECORD_INVALID` with the file, the field, what was expected there and what came. */
export function parseRepro(path: string, text: string): Repro {
  const parsed = reproSchema.safeParse(parseJson(path, text))
  if (parsed.success) return parsed.data
  throw invalid(path, `${z.prettifyError(parsed.error)}\nIs it a repro-*.json that 'raceproof run' has saved?`)
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalid(path, `is no JSON: ${(error as Error).message}. It may have been cut off`)
  }
}

function invalid(path: string, problem: string): HarnessError {
  return new HarnessError('ERR_RECORD_INVALID', `${path}: ${problem}`)
}
