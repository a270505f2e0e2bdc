import { simulate } from '../../../../harness/sim/simulate.ts'
import { programs } from '../programs.ts'
import { libraryPrograms } from './programs/all.ts'

/** What one program did: how its schedules ended, what it answered, and their hashes. */
export interface ProgramResult {
  readonly name: string
  readonly ends: readonly string[]
  readonly answer: unknown
  readonly hashes: readonly string[]
}

/** Prints the results of all programs, twice each: as the first that the process does, and after all others. */
const cold = await resultsOf()
const warm = await resultsOf()
process.stdout.write(JSON.stringify({ version: process.version, cold, warm }))

async function resultsOf(): Promise<ProgramResult[]> {
  const results: ProgramResult[] = []
  for (const [name, program] of Object.entries({ ...libraryPrograms, ...programs })) {
    const runs = []
    for (const seed of [1, 2, 3]) runs.push(await simulate(program, { seed }))
    results.push({
      name,
      ends: runs.map(({ status, findings, leftovers }) => JSON.stringify({ status, findings, leftovers })),
      answer: runs[0]?.value,
      hashes: runs.map(({ hash }) => hash),
    })
  }
  return results
}
