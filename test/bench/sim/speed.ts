import { exploreWith } from '../../../harness/explore/explore-subject.ts'
import { explorerOf } from '../../../harness/explore/explorer.ts'
import type { Subject } from '../../../harness/explore/subject.ts'

/** Schedules run before the clock starts, so that what is measured is compiled code. */
export interface SpeedOptions {
  warmUp: number
  schedules: number
  strategy?: string
}

/** Schedules per second of processor time, of the whole process: garbage collection and compiling included. */
export async function schedulesPerCpuSecond(
  subject: Subject,
  { warmUp, schedules, strategy = 'portfolio' }: SpeedOptions,
): Promise<number> {
  await run(subject, 1, warmUp, strategy)
  return schedules / (await cpuSeconds(() => run(subject, 2, schedules, strategy)))
}

/** How much processor time the process spends until a promise settles. */
export async function cpuSeconds(run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

async function run(subject: Subject, seed: number, schedules: number, strategy: string): Promise<void> {
  const { verdict, told } = await exploreWith(explorerOf(subject, { seed, strategy }), { schedules })
  if (verdict === 'valid') return
  const findings = told?.told?.judged.findings.map(({ message }) => message) ?? []
  throw new Error(`${subject.name} was found ${verdict}, so that nothing was measured: ${findings.join('; ')}`)
}
