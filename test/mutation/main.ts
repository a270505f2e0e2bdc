import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../harness/entry.ts'
import { asked } from '../asked.ts'
import { type HuntOptions, huntLive, huntScheduled } from './hunt.ts'
import { Journal } from './journal.ts'
import { type Mutant, mutantsOf } from './mutants.ts'
import { type Options, optionsOf } from './options.ts'
import { reasonOf } from './survivors.ts'
import { type Judged, mutationTable, withTable } from './table.ts'
import { Workspace } from './workspace.ts'

const trackRecord = join(packageRoot, 'reports/track-record.md')
const cache = join(packageRoot, '.cache/mutation')

const usage = 'npm run mutate -- [PART…] [--schedules N] [--seconds N] [--seed N] [--workers N] [--no-live] [--anew]'

/**
 * Takes each protection of the reference implementation away, one at a time, and lets the scenarios that reach it look for what
 * breaks.
 *
 * PART names places, such as `plan-registry`, whose mutants are tried again; without one, those are tried of which no
 * earlier run says what became of them (`--anew` forgets what those said). The table goes into the track record as soon as
 * it has a row for every mutant. Exits with 1 when one survives for which no reason is given.
 */
async function main(): Promise<void> {
  const options = asked(() => optionsOf(process.argv.slice(2)), usage)
  const mutants = mutantsOf(join(packageRoot, 'dist'))
  const journal = new Journal(join(cache, 'journal.jsonl'))
  if (options.anew) journal.clear()
  const workspace = await Workspace.of(packageRoot, join(cache, 'package'), mutants)
  await hunt(mutants, options, { workspace, journal, workers: options.workers, tell })
  const judged = judgedOf(mutants, journal)
  if (judged.length === mutants.length) save(judged)
  const shown = judged.filter(({ mutant }) => isAsked(mutant, options))
  process.stdout.write(`${mutationTable(shown)}\n`)
  if (shown.some(({ mutant, fate }) => fate.notice === null && reasonOf(mutant) === null)) process.exitCode = 1
}

async function hunt(mutants: readonly Mutant[], options: Options, on: HuntOptions): Promise<void> {
  const asked = mutants.filter((mutant) => isAsked(mutant, options))
  const isKnown = (mutant: Mutant) => on.journal.fateOf(mutant) !== null
  const open = options.parts.length > 0 ? asked : asked.filter((mutant) => !isKnown(mutant))
  if (open.length > 0) await huntScheduled(open, options, on)
  if (!options.live) return
  const left = asked.filter((mutant) => isLeft(on.journal.fateOf(mutant)))
  if (left.length > 0) await huntLive(left, options, on)
}

function isAsked({ place }: Pick<Mutant, 'place'>, { parts }: Options): boolean {
  return parts.length === 0 || parts.some((part) => place.includes(part))
}

function isLeft(fate: Judged['fate'] | null): boolean {
  return fate !== null && fate.notice === null && !fate.live
}

function judgedOf(mutants: readonly Mutant[], journal: Journal): Judged[] {
  return mutants.flatMap((mutant) => {
    const fate = journal.fateOf(mutant)
    return fate === null ? [] : [{ mutant, fate }]
  })
}

function save(judged: readonly Judged[]): void {
  writeFileSync(trackRecord, withTable(readFileSync(trackRecord, 'utf8'), mutationTable(judged)))
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

await main()
