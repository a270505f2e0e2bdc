import type { Mutant } from './mutants.ts'

/** Why the scenarios need not notice, by file and the code that was taken away. */
const reasons: Readonly<Record<string, string>> = {}

/** Why a mutant that survived is no hole in the scenarios; null when nobody has looked into it. */
export function reasonOf({ file, what }: Pick<Mutant, 'file' | 'what'>): string | null {
  return reasons[`${file.replace('reference-impl/', '').replace(/\.js$/, '')} ${what}`] ?? null
}
