/**
 * Finds one defect with several seeds, makes each failure small, and prints what that took, as one line of JSON. It is a
 * process of its own, which is started with `raceproof/register` loaded.
 */
import { pathToFileURL } from 'node:url'
import { entry } from '../../../harness/entry.ts'
import { exploreSubject, fromMacrotask } from '../../../harness/explore/explore-subject.ts'
import { Attempts } from '../../../harness/explore/shrink/attempt.ts'
import { type SmallFailure, shrink } from '../../../harness/explore/shrink/shrink.ts'
import type { Subject } from '../../../harness/explore/subject.ts'
import { strategiesNamed } from '../../../harness/sim/strategy/strategies.ts'
import type { Shrunk } from './shrunk.ts'

const schedulesAtMost = 1000
/** Of each failure, so that a hundred are replayed in all. */
const replays = 5

const [scenario = '', defect = '', seeds = '20'] = process.argv.slice(2)

async function subjectOf(): Promise<Subject> {
  const { loadSubject } = (await import(pathToFileURL(entry('harness/run/sim/load-subject')).href)) as {
    loadSubject(spec: { module: string; defect: string }): Promise<Subject>
  }
  return loadSubject({ module: pathToFileURL(entry(`scenarios/${scenario}`)).href, defect })
}

/** Null when no schedule failed. */
async function shrunk(subject: Subject, seed: number): Promise<Shrunk | null> {
  const strategies = strategiesNamed('portfolio') ?? []
  const { told, schedules } = await exploreSubject(subject, { seed, schedules: schedulesAtMost, strategies })
  if (told?.told?.judged.verdict !== 'invalid') return null
  const { choices, judged } = told.told
  const before = process.cpuUsage()
  const small = await fromMacrotask(() => shrink(subject, { variant: { seed: told.seed }, choices, judged }))
  const { user, system } = process.cpuUsage(before)
  if (small === null) return null
  return {
    seed,
    schedules,
    steps: choices.length,
    holds: small.holds.length,
    runs: small.runs,
    clients: small.judged.clients,
    cpuMs: (user + system) / 1000,
    sameReplays: await sameReplays(subject, small),
  }
}

/** How many of the replays were the same failure and the same schedule, to the byte. */
async function sameReplays(subject: Subject, { variant, holds, result, judged }: SmallFailure): Promise<number> {
  const attempts = new Attempts(subject, judged.findings[0] ?? 'any')
  let same = 0
  for (let time = 0; time < replays; time++) {
    const again = await fromMacrotask(() => attempts.run(variant, holds))
    if (again.result.hash === result.hash && attempts.isSame(again.judged)) same++
  }
  return same
}

const subject = await subjectOf()
const all: (Shrunk | null)[] = []
for (let seed = 1; seed <= Number(seeds); seed++) all.push(await shrunk(subject, seed))
process.stdout.write(`${JSON.stringify(all)}\n`)
process.exit()
