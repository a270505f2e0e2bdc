/** A process that shows defects in the simulated world. It is started with `raceproof/register` loaded. */
import { fromMacrotask } from '../../explore/explore-subject.ts'
import { PlanExplorer } from '../../explore/explorer.ts'
import { SchedulePlan } from '../../explore/schedule-plan.ts'
import { Attempts } from '../../explore/shrink/attempt.ts'
import { type FoundFailure, type SmallFailure, shrink } from '../../explore/shrink/shrink.ts'
import type { Subject } from '../../explore/subject.ts'
import { strategiesNamed } from '../../sim/strategy/strategies.ts'
import { loadSubject } from '../sim/load-subject.ts'
import type {
  CatchAnswer,
  CatchTask,
  Found,
  ProofAnswer,
  ProofNews,
  ProofTask,
  SilenceAnswer,
  SilenceTask,
} from './proof-task.ts'

const strategies = strategiesNamed('portfolio') ?? []

/** So many schedules are looked at for one that passes. */
const passingAmong = 300

/** So many schedules are run before the process says again that it is alive. */
const turn = 10

async function perform(task: ProofTask): Promise<ProofAnswer> {
  return task.kind === 'catch' ? caught(task) : silent(task)
}

async function caught({ module, defect, ...task }: CatchTask): Promise<CatchAnswer> {
  const subject = await loadSubject({ module, defect })
  const found: Found[] = []
  let small: SmallFailure | null = null
  for (const seed of task.seeds) {
    const { failure, ...looked } = await look(subject, seed, task)
    found.push({ seed, ...looked })
    if (failure !== null) small ??= await fromMacrotask(() => shrink(subject, failure))
  }
  const replayed = small === null ? null : await sameAgain(subject, small, task.replays)
  const passes = task.passes ? await passingOrder(subject, task.seeds[0] as number) : null
  return { kind: 'catch', found, holds: small?.holds.length ?? null, replayed, passes }
}

type Looked = Omit<Found, 'seed'> & { failure: FoundFailure | null }

/** Runs schedules until a check fires that may catch the defect; others may fire before. */
async function look(
  subject: Subject,
  seed: number,
  { schedules, expected }: Pick<CatchTask, 'schedules' | 'expected'>,
): Promise<Looked> {
  const explorer = new PlanExplorer(new SchedulePlan(subject, { seed, strategies }))
  const checks = new Set<string>()
  for (let index = 0; index < schedules; index++) {
    const { told, seed } = await fromMacrotask(() => explorer.run(index))
    if (index % turn === 0) alive()
    for (const { check } of told?.judged.findings ?? []) checks.add(check)
    const findings = (told?.judged.findings ?? []).filter(({ check }) => expected.includes(check))
    if (told === null || findings.length === 0) continue
    // The failure that is made small is the one that the defect is to be caught by.
    const failure = { choices: told.choices, judged: { ...told.judged, findings }, variant: { seed } }
    return { schedules: index + 1, checks: [...checks], failure }
  }
  return { schedules, checks: [...checks], failure: null }
}

/** How many of the replays were the same failure and the same schedule, to the byte. */
async function sameAgain(
  subject: Subject,
  { variant, holds, result, judged }: SmallFailure,
  replays: number,
): Promise<number> {
  const attempts = new Attempts(subject, judged.findings[0] ?? 'any')
  let same = 0
  for (let time = 0; time < replays; time++) {
    const again = await fromMacrotask(() => attempts.run(variant, holds))
    if (again.result.hash === result.hash && attempts.isSame(again.judged)) same++
    alive()
  }
  return same
}

/** The first schedule of a seed that is valid, in words. */
async function passingOrder(subject: Subject, seed: number): Promise<string | null> {
  const plan = new SchedulePlan(subject, { seed, strategies })
  for (let index = 0; index < passingAmong; index++) {
    const { judged, strategy } = await fromMacrotask(() => plan.run(index))
    if (judged.verdict === 'valid') return `schedule ${index + 1} of seed ${seed} (${strategy})`
    if (index % turn === 0) alive()
  }
  return null
}

async function silent({ module, seed, schedules }: SilenceTask): Promise<SilenceAnswer> {
  const subject = await loadSubject({ module, defect: null })
  const explorer = new PlanExplorer(new SchedulePlan(subject, { seed, strategies }))
  const answer: SilenceAnswer = { kind: 'silence', schedules, alarms: 0, alarm: null }
  for (let index = 0; index < schedules; index++) {
    const { verdict, told, strategy } = await fromMacrotask(() => explorer.run(index))
    if (index % turn === 0) alive()
    if (verdict === 'valid') continue
    answer.alarms++
    const [finding] = told?.judged.findings ?? []
    const what = finding === undefined ? verdict : `${finding.check}: ${finding.message}`
    answer.alarm ??= `schedule ${index + 1} of seed ${seed} (${strategy}): ${what}`
  }
  return answer
}

function alive(): void {
  tell({ type: 'alive' })
}

function tell(news: ProofNews): void {
  process.send?.(news)
}

process.on('message', (task: ProofTask) => {
  perform(task).then(
    (answer) => tell({ type: 'answer', answer, heapMiB: process.memoryUsage().heapUsed / 2 ** 20 }),
    (thrown: unknown) => tell({ type: 'failed', message: thrown instanceof Error ? thrown.message : String(thrown) }),
  )
})
process.once('disconnect', () => process.exit())
