import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Fate } from './judge.ts'
import type { Mutant } from './mutants.ts'

/** One line of the journal: what became of a mutant. */
interface Line {
  readonly key: string
  readonly fate: Fate
}

/**
 * What became of the mutants, on disk after each of them, so that a run that is cut off loses nothing: the next one goes
 * on where it ended. The last line of a mutant counts.
 */
export class Journal {
  readonly #path: string
  readonly #fates = new Map<string, Fate>()

  constructor(path: string) {
    this.#path = path
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
    for (const line of lines.filter((text) => text.endsWith('}'))) {
      const { key, fate } = JSON.parse(line) as Line
      this.#fates.set(key, fate)
    }
  }

  fateOf({ key }: Pick<Mutant, 'key'>): Fate | null {
    return this.#fates.get(key) ?? null
  }

  write({ key }: Pick<Mutant, 'key'>, fate: Fate): void {
    this.#fates.set(key, fate)
    mkdirSync(dirname(this.#path), { recursive: true })
    // What a cut-off run left of its last line ends here.
    appendFileSync(this.#path, `\n${JSON.stringify({ key, fate } satisfies Line)}`)
  }

  /** Forgets everything. */
  clear(): void {
    this.#fates.clear()
    rmSync(this.#path, { force: true })
  }
}
