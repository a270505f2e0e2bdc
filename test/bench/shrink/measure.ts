/**
 * Finds one defect with several seeds, makes each failure small, and prints what that took, as one line of JSON. It is a
 * process of its own, which is started with `raceproof/register` loaded.
 */
import { pathToFileURL } from 'node:url'
import type { Defect } from '../../../harness/defect.ts'
import { entry } from '../../../harness/entry.ts'
import { fromMacrotask } from '../../../harness/explore/explore-subject.ts'
import { explorerOf } from '../../../harness/explore/explorer.ts'
import { Attempts } from '../../../harness/explore/shrink/attempt.ts'
import { type FoundFailure, type SmallFailure, shrink } from '../../../harness/explore/shrink/shrink.ts'
import type { Subject } from '../../../harness/explore/subject.ts'
import type { AnyScenario } from '../../../harness/scenario.ts'
import type { Shrunk, Sought } from './shrunk.ts'

const schedulesAtMost = 1000
/** Of each failure, so that a hundred are replayed in all. */
const replays = 5

const [scenario = '', defect = '', seeds = '20'] = process.argv.slice(2)
const module = pathToFileURL(entry(`scenarios/${scenario}`)).href

async function subjectOf(): Promise<Subject> {
  const { loadSubject } = (await import(pathToFileURL(entry('harness/run/sim/load-subject')).href)) as {
    loadSubject(spec: { module: string; defect: string }): Promise<Subject>
  }
  return loadSubject({ module, defect })
}

/** The checks that may catch it, by its author's word. */
async function checksOf(): Promise<readonly string[]> {
  const loaded = (await import(module)) as { default: AnyScenario }
  const defects: readonly Defect[] = loaded.default.target.defects
  return defects.find(({ name }) => name === defect)?.caughtBy ?? []
}

async function sought(subject: Subject, checks: readonly string[], seed: number): Promise<Sought> {
  const explorer = explorerOf(subject, { seed, strategy: 'portfolio' })
  for (let index = 0; index < schedulesAtMost; index++) {
    const { told, ...outcome } = (await fromMacrotask(() => explorer.run(index))) ?? { told: null, seed: 0 }
    const findings = (told?.judged.findings ?? []).filter(({ check }) => checks.includes(check))
    const [finding] = findings
    if (told === null || finding === undefined) continue
    // The failure that is made small is the one that the defect is to be caught by.
    const found = { variant: { seed: outcome.seed }, choices: told.choices, judged: { ...told.judged, findings } }
    return { seed, schedules: index + 1, caughtBy: finding.check, small: await shrunk(subject, found) }
  }
  return { seed, schedules: schedulesAtMost, caughtBy: null, small: null }
}

/** Null when the schedule does not come back. */
async function shrunk(subject: Subject, found: FoundFailure): Promise<Shrunk | null> {
  const before = process.cpuUsage()
  const small = await fromMacrotask(() => shrink(subject, found))
  const { user, system } = process.cpuUsage(before)
  if (small === null) return null
  return {
    steps: found.choices.length,
    holds: small.holds.length,
    runs: small.runs,
    clients: small.judged.clients,
    cpuMs: (user + system) / 1000,
    sameReplays: await sameReplays(subject, small, found),
  }
}

/** How many of the replays were the same failure and the same schedule, to the byte. */
async function sameReplays(subject: Subject, small: SmallFailure, { judged }: FoundFailure): Promise<number> {
  const attempts = new Attempts(subject, judged.findings[0] ?? 'any')
  let same = 0
  for (let time = 0; time < replays; time++) {
    const again = await fromMacrotask(() => attempts.run(small.variant, small.holds))
    if (again.result.hash === small.result.hash && attempts.isSame(again.judged)) same++
  }
  return same
}

const [subject, checks] = await Promise.all([subjectOf(), checksOf()])
const all: Sought[] = []
for (let seed = 1; seed <= Number(seeds); seed++) all.push(await sought(subject, checks, seed))
process.stdout.write(`${JSON.stringify(all)}\n`)
process.exit()
