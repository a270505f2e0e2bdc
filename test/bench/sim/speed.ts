import { exploreWith } from '../../../harness/explore/explore-subject.ts'
import { explorerOf } from '../../../harness/explore/explorer.ts'
import type { Subject } from '../../../harness/explore/subject.ts'

export interface SpeedOptions {
  /** Run before the clock starts, so that what is measured is compiled code. */
  warmUp: number
  /** In each of the batches. */
  schedules: number
}

/**
 * The fastest of so many batches counts, as what else a machine has to do can only slow one down; some are half as fast for
 * seconds on end.
 */
export const batches = 7

/** Schedules per second of processor time, of the whole process: garbage collection and compiling included. */
export async function schedulesPerCpuSecond(subject: Subject, { warmUp, schedules }: SpeedOptions): Promise<number> {
  await run(subject, { seed: 1, schedules: warmUp, strategy: 'portfolio' })
  const speeds: number[] = []
  for (let seed = 2; seed < 2 + batches; seed++) {
    speeds.push(schedules / (await cpuSeconds(() => run(subject, { seed, schedules, strategy: 'portfolio' }))))
  }
  return Math.max(...speeds)
}

/** How much processor time the process spends until a promise settles. */
export async function cpuSeconds(run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

export interface RunOptions {
  seed: number
  schedules: number
  strategy: string
}

/** Runs schedules of what must not fail. */
export async function run(subject: Subject, { seed, schedules, strategy }: RunOptions): Promise<void> {
  const { verdict, told } = await exploreWith(explorerOf(subject, { seed, strategy }), { schedules })
  if (verdict === 'valid') return
  const findings = told?.told?.judged.findings.map(({ message }) => message) ?? []
  throw new Error(`${subject.name} was found ${verdict}, so that nothing was measured: ${findings.join('; ')}`)
}
