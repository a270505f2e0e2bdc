import { z } from 'zod'
import { HarnessError } from '../../errors.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hexadecimal digits')

/** The form of a repro file of the thread world. `harness/thread-repro.schema.json` says the same for other programs. */
export const threadReproSchema = z.strictObject({
  version: z.literal(1),
  world: z.literal('threads'),
  scenario: z.string().min(1),
  file: z.string().min(1).nullable(),
  target: z.string().min(1),
  defect: z.string().min(1).nullable(),
  seed: z.int().nonnegative(),
  choices: z.string().regex(/^(\d+\*\d{1,6}(,\d+\*\d{1,6})*)?$/, "expected steps such as '0*5,1*3'"),
  switches: z.int().nonnegative(),
  strategy: z.string(),
  finding: z.strictObject({ check: z.string().min(1), message: z.string() }),
  workers: z.strictObject({ confirmed: z.boolean(), told: z.string().min(1) }),
  traceHash: hash,
  scenarioHash: hash,
  versions: z.strictObject({ raceproof: z.string(), node: z.string() }),
})

/**
 * A saved failure of a scenario of threads: everything that brings it back. `choices` are the threads of the steps,
 * `switches` how often another one goes on, `workers` what real ones made of it, and `traceHash` covers all that was done and
 * seen.
 */
export type ThreadRepro = z.infer<typeof threadReproSchema>

/** Whether a saved failure, as JSON, says that it is one of the thread world. */
export function isThreadRepro(text: string): boolean {
  try {
    return (JSON.parse(text) as { world?: unknown } | null)?.world === 'threads'
  } catch {
    return false
  }
}

/** Reads a repro. Throws `ERR_RECORD_INVALID` with the file, the field, what was expected there and what came. */
export function parseThreadRepro(path: string, text: string): ThreadRepro {
  const parsed = threadReproSchema.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  throw new HarnessError(
    'ERR_RECORD_INVALID',
    `${path} is no repro that 'raceproof run' has saved:\n${z.prettifyError(parsed.error)}`,
  )
}
