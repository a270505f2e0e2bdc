import type { DefectProof } from '../../proof.ts'
import type { Confirmation } from '../../record.ts'
import type { Claim } from './claims.ts'

/** What was measured of a claim in one scenario. */
export interface Measured {
  readonly scenario: string
  /** For each seed: how much it took, and the checks that fired; none when nothing was found. */
  readonly found: readonly { readonly took: number; readonly checks: readonly string[] }[]
  readonly holds: number | null
  readonly replayed: number | null
  /** What real workers made of the failure; null where none are run. */
  readonly workers: Confirmation | null
  readonly passes: string | null
}

/** Of twenty seeds, one may miss; of fewer, none. */
export function missesAllowed(seeds: number): number {
  return Math.floor(seeds / 20)
}

/** What a claim asks for. */
export interface Needed {
  /** How often the small failure is shown again; null where nothing can be replayed. */
  readonly replays: number | null
  /** How much may be run for each seed, in words. */
  readonly within: string
}

/** The proof that was measured, with what is missing from it. */
export function proofOf(claim: Claim, measured: Measured | null, needed: Needed): DefectProof {
  const { defect, target, world } = claim
  const hits = (measured?.found ?? []).filter(({ checks }) => checks.some((check) => defect.caughtBy.includes(check)))
  const median = medianOf(hits.map(({ took }) => took))
  const missing = missingOf(claim, measured, needed)
  return {
    name: defect.name,
    world,
    target: target.name,
    source: defect.source,
    race: defect.race,
    caught: missing === null,
    by: mostFrequent(hits.flatMap(({ checks }) => checks).filter((check) => defect.caughtBy.includes(check))),
    expected: [...defect.caughtBy],
    scenario: measured?.scenario ?? null,
    schedulesMedian: world === 'live' ? null : median,
    secondsMedian: world === 'live' ? median : null,
    holds: measured?.holds ?? null,
    replayed: measured?.replayed ?? null,
    replays: needed.replays,
    workers: measured?.workers ?? null,
    seeds: measured?.found.length ?? 0,
    found: hits.length,
    passes: measured?.passes ?? null,
    command: commandOf(claim, measured?.scenario ?? claim.scenarios[0]?.scenario.name ?? defect.scenarios[0]),
    missing,
  }
}

/** Whether as many seeds found it as must. */
export function isFound(claim: Claim, measured: Measured): boolean {
  const { length } = measured.found
  return length > 0 && hitsOf(claim, measured) >= length - missesAllowed(length)
}

/** How many seeds found it by a check that may catch it. */
export function hitsOf({ defect }: Claim, { found }: Measured): number {
  return found.filter(({ checks }) => checks.some((check) => defect.caughtBy.includes(check))).length
}

function missingOf(claim: Claim, measured: Measured | null, { replays, within }: Needed): string | null {
  const { defect, world } = claim
  if (measured === null) return `no scenario that races it could be run in the world '${world}'`
  if (!isFound(claim, measured)) return notFound(claim, measured, within)
  if (replays !== null && measured.replayed === null)
    return 'its failure could not be repeated, and so not be made small'
  if (replays !== null && measured.replayed !== replays)
    return `its smallest failure was the same in only ${measured.replayed} of ${replays} replays`
  if (measured.workers?.confirmed === false) return measured.workers.told
  if (defect.race && replays !== null && measured.passes === null)
    return 'every order that was tried fails, although it is marked as a race'
  return null
}

function notFound(claim: Claim, measured: Measured, within: string): string {
  const { found, scenario } = measured
  const { defect } = claim
  const hits = hitsOf(claim, measured)
  const others = mostFrequent(found.flatMap(({ checks }) => checks).filter((check) => !defect.caughtBy.includes(check)))
  const instead = others.length === 0 ? '' : `; what fired instead: ${others.join(', ')}`
  return `${scenario} found it with ${hits} of ${found.length} seeds within ${within}${instead}`
}

/** Without a scenario, all of the target are run. */
function commandOf({ defect, world }: Claim, scenario: string | undefined): string {
  const which = scenario === undefined ? '' : ` ${scenario}`
  return `raceproof run${which} --world ${world} --defect ${defect.name}`
}

function mostFrequent(names: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([name]) => name)
}

/** The lower of the two in the middle, so that it is one that was measured; null of none. */
function medianOf(numbers: readonly number[]): number | null {
  return numbers.toSorted((a, b) => a - b)[Math.ceil(numbers.length / 2) - 1] ?? null
}
