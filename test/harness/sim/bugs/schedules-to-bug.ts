import { exploreWith } from '../../../../harness/explore/explore-subject.ts'
import { explorerOf } from '../../../../harness/explore/explorer.ts'
import { functionSubject } from '../../../../harness/explore/function-subject.ts'
import type { Simulated } from '../../../../harness/sim/simulate.ts'

/** How many schedules of a strategy it takes to find what is wrong; null when so many did not find it. */
export async function schedulesToBug(
  run: Simulated<unknown>,
  { strategy, seed, most }: { strategy: string; seed: number; most: number },
): Promise<number | null> {
  const subject = functionSubject(run, { name: 'bug', leftovers: false })
  const { verdict, schedules } = await exploreWith(explorerOf(subject, { seed, strategy }), { schedules: most })
  return verdict === 'invalid' ? schedules : null
}
