import { readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { packageRoot } from '../../harness/entry.ts'
import { bundledScenarios } from '../../harness/run/load-scenario.ts'
import { firstNotice, type Judged, type JudgeOptions, type Looking, type Notice } from './judge.ts'
import { type Mutant, mutantsOf } from './mutants.ts'
import { reasonOf } from './survivors.ts'
import { mutationTable, withTable } from './table.ts'
import { Workspace } from './workspace.ts'

const trackRecord = join(packageRoot, 'reports/track-record.md')

/**
 * `npm run mutate -- [PART…] [--schedules N] [--seconds N] [--seed N]`: takes each protection of the reference implementation away, one
 * at a time, and lets the scenarios of its target look for what breaks. All of them take about an hour and write their
 * table into the track record; PART names places, such as `plan-registry`, whose mutants alone are tried and printed.
 * Exits with 1 when one survives for which no reason is given.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      schedules: { type: 'string', default: '40' },
      seconds: { type: 'string', default: '3' },
      seed: { type: 'string', default: '7' },
    },
    allowPositionals: true,
  })
  const [schedules, seconds, seed] = [values.schedules, values.seconds, values.seed].map(Number) as [
    number,
    number,
    number,
  ]
  const options = { schedules, seconds, seed, timeoutMs: 180_000 }
  const all = mutantsOf(join(packageRoot, 'dist'))
  const chosen = all.filter(({ place }) => positionals.length === 0 || positionals.some((part) => place.includes(part)))
  const judged = await judgeAll(chosen, options)
  if (positionals.length === 0) save(judged)
  else process.stdout.write(`${mutationTable(judged)}\n`)
  if (judged.some(({ mutant, notice }) => notice === null && reasonOf(mutant) === null)) process.exitCode = 1
}

/** Judges mutants, as many at a time as there are processors. */
async function judgeAll(mutants: readonly Mutant[], options: JudgeOptions): Promise<Judged[]> {
  const everywhere = await scenariosByTarget()
  await expectSilence([...everywhere.values()].flat(), options)
  const judged: Judged[] = []
  const next = mutants.entries()
  const work = async (_: unknown, worker: number) => {
    const folder = join(packageRoot, `.cache/mutation-${worker}`)
    const workspace = await Workspace.of(packageRoot, folder)
    for (const [index, mutant] of next) {
      const notice = await judgeOne(workspace, mutant, everywhere, options)
      judged[index] = { mutant, notice }
      process.stderr.write(`${index + 1}/${mutants.length} ${mutant.place} ${mutant.kind}: ${toldOf(notice)}\n`)
    }
    await rm(folder, { recursive: true, force: true })
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return judged
}

/** Without a mutation nothing may be noticed. */
async function expectSilence(looking: readonly Looking[], options: JudgeOptions): Promise<void> {
  const workspace = await Workspace.of(packageRoot, join(packageRoot, '.cache/mutation-0'))
  const notice = await firstNotice(workspace, looking, options)
  if (notice !== null) throw new Error(`expected silence on correct code, got ${toldOf(notice)}`)
}

async function judgeOne(
  workspace: Workspace,
  { file, mutated }: Mutant,
  everywhere: ReadonlyMap<string, Looking[]>,
  options: JudgeOptions,
): Promise<Notice | null> {
  const target = file.split('/')[1] as string
  const looking = everywhere.get(target) ?? [...everywhere.values()].flat().sort(liveLast)
  const notice = await workspace.whileChanged(file, mutated, () => firstNotice(workspace, [...looking], options))
  // The one that noticed is likely to notice the next one too.
  const same = ({ scenario, world }: Looking) => Number(scenario === notice?.scenario && world === notice.world)
  looking.sort((a, b) => same(b) - same(a))
  return notice
}

/** The scenarios of each target: those whose schedule is controlled first, and live those that are quick enough for the gate. */
async function scenariosByTarget(): Promise<ReadonlyMap<string, Looking[]>> {
  const byTarget = new Map<string, Looking[]>()
  for (const { scenario } of await bundledScenarios()) {
    const { name, target, scale } = scenario
    const looks: Looking[] = []
    if (scale.sim !== undefined) looks.push({ scenario: name, world: 'sim' })
    if (scenario.kind === 'thread-scenario') looks.push({ scenario: name, world: 'threads' })
    if (scale.live !== undefined && scale.live.gate !== false) looks.push({ scenario: name, world: 'live' })
    byTarget.set(target.name, [...(byTarget.get(target.name) ?? []), ...looks].sort(liveLast))
  }
  return byTarget
}

function liveLast(a: Looking, b: Looking): number {
  return Number(a.world === 'live') - Number(b.world === 'live')
}

function toldOf(notice: Notice | null): string {
  return notice === null ? 'survived' : `${notice.by} in ${notice.scenario} (${notice.world})`
}

function save(judged: readonly Judged[]): void {
  writeFileSync(trackRecord, withTable(readFileSync(trackRecord, 'utf8'), mutationTable(judged)))
}

await main()
