import type { Journal } from './journal.ts'
import { type Fate, Judge } from './judge.ts'
import { type LiveExtent, reachedLive, wrongLive } from './live-look.ts'
import { LookProcess } from './look-process.ts'
import { liveScenarios, scheduledLooks } from './looks.ts'
import type { Mutant } from './mutants.ts'
import { type Extent, type Surveyed, survey } from './survey.ts'
import type { Workspace } from './workspace.ts'

/** What a hunt stands on, and whom it tells. */
export interface HuntOptions {
  readonly workspace: Workspace
  readonly journal: Journal
  /** How many mutants are tried at a time where nobody measures times. */
  readonly workers: number
  tell(line: string): void
}

/** Lets the scenarios look for each mutant, in the worlds whose schedule is controlled. */
export async function huntScheduled(
  mutants: readonly Mutant[],
  extent: Extent,
  { workspace, journal, workers, tell }: HuntOptions,
): Promise<void> {
  const looks = (await scheduledLooks(workspace)).filter(({ target }) =>
    mutants.some(({ file }) => isPartOf(file, target)),
  )
  const surveyed: Surveyed[] = []
  const surveyMs = await workOff(looks, workers, workspace, async (look, process) => {
    surveyed.push(await survey(process, look, extent))
    tell(`${surveyed.length}/${looks.length} correct: ${look.scenario} (${look.world})`)
  })
  const judge = new Judge(surveyed, extent)
  let done = 0
  const judgeMs = await workOff(mutants, workers, workspace, async (mutant, process) => {
    const fate = await judge.judge(mutant, process)
    journal.write(mutant, fate)
    tell(`${++done}/${mutants.length} ${mutant.key}: ${toldOf(fate)}`)
  })
  const seconds = (timeMs: number) => `${Math.round(timeMs / 1_000)} s`
  tell(`of one processor: ${seconds(surveyMs)} for the correct code, ${seconds(judgeMs)} for the mutants`)
}

/** Lets the live scenarios look for the mutants that are left; one run after the other, since what ran beside one would disturb it. */
export async function huntLive(
  mutants: readonly Mutant[],
  extent: LiveExtent,
  { workspace, journal, tell }: HuntOptions,
): Promise<void> {
  const reached = new Map<string, Set<number>>()
  for (const scenario of await liveScenarios()) {
    reached.set(scenario, await reachedLive(workspace, scenario, extent))
    tell(`correct: ${scenario} (live)`)
  }
  for (const mutant of mutants) {
    const looking = [...reached].filter(([, places]) => places.has(mutant.id)).map(([scenario]) => scenario)
    const before = journal.fateOf(mutant) as Fate
    const fate = { ...before, reachedBy: [...new Set([...before.reachedBy, ...looking])], live: true }
    const notice = await firstLive(workspace, mutant, looking, extent)
    journal.write(mutant, { ...fate, notice })
    tell(`live ${mutant.key}: ${toldOf({ ...fate, notice })}`)
  }
}

async function firstLive(
  workspace: Workspace,
  { id }: Mutant,
  looking: readonly string[],
  extent: LiveExtent,
): Promise<Fate['notice']> {
  for (const scenario of looking) {
    const by = await wrongLive(workspace, scenario, id, extent)
    if (by !== null) return { scenario, world: 'live', by }
  }
  return null
}

/** Whether a target may run a file: its own, or one that is in all of them. */
function isPartOf(file: string, target: string): boolean {
  return file.startsWith(`reference-impl/${target}/`) || file.startsWith('reference-impl/sync/')
}

/** Gives the items to so many processes, each the next one as soon as it is free; resolves with the processor time it took. */
async function workOff<T>(
  items: readonly T[],
  workers: number,
  workspace: Workspace,
  work: (item: T, process: LookProcess) => Promise<void>,
): Promise<number> {
  const next = items.values()
  const run = async () => {
    const process = new LookProcess(workspace)
    try {
      for (const item of next) await work(item, process)
    } finally {
      process.end()
    }
    return process.cpuMs
  }
  const cpuMs = await Promise.all(Array.from({ length: workers }, run))
  return cpuMs.reduce((sum, one) => sum + one, 0)
}

function toldOf({ notice, reachedBy, unjudged }: Fate): string {
  if (notice !== null) return `${notice.by} in ${notice.scenario} (${notice.world})`
  const judged = unjudged.length === 0 ? '' : `, not judged in ${unjudged.join(', ')}`
  return reachedBy.length === 0 ? 'no scenario runs it' : `survived ${reachedBy.length} scenarios${judged}`
}
