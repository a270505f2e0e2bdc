import { bundledScenarios } from '../../harness/run/load-scenario.ts'
import { type Claim, claimsOf } from '../../harness/run/prove/claims.ts'
import type { BenchOptions, Figure } from './figure.ts'
import { hasPower, type PowerRow, powerHead, powerLine, powerRow } from './power/power-row.ts'
import { seek } from './shrink/seek.ts'

const seeds = 20

/** What is no race, and is to be found as surely: the sources tell of it first. */
const noRaces: readonly string[] = ['first-disconnect-tears-down', 'dual-transport-split']

/**
 * How surely each race among the defects is found in the simulated world, within 1,000 schedules, by each of 20 seeds, into
 * how many holds its failures shrink, and whether they come back, five times each. The table goes to stderr.
 */
export async function figures({ defects = [] }: BenchOptions): Promise<Figure[]> {
  const { claims } = claimsOf(await bundledScenarios(), { defects, world: 'sim' })
  const wanted = claims.filter(({ defect }) => defects.length > 0 || defect.race || noRaces.includes(defect.name))
  process.stderr.write(`${powerHead}\n`)
  const measured: Figure[] = []
  for (const claim of wanted) {
    const row = await measure(claim)
    process.stderr.write(`${powerLine(row)}\n`)
    measured.push(figureOf(row))
  }
  return measured
}

/** In the scenario that its author names first. */
async function measure({ defect, scenarios }: Claim): Promise<PowerRow> {
  const scenario = scenarios[0]?.scenario.name
  if (scenario === undefined) return powerRow(defect.name, 'none', [])
  return powerRow(defect.name, scenario, await seek(scenario, defect.name, seeds))
}

function figureOf(row: PowerRow): Figure {
  const { defect, scenario, schedules, found, holds, sameReplays, replays } = row
  const what = `found ${found}/${row.seeds}, holds ${holds.median} (${holds.worst}), replays ${sameReplays}/${replays}`
  return {
    name: `power: ${defect} in ${scenario}, ${what}`,
    value: schedules.median,
    unit: 'schedules',
    peer: null,
    peerValue: null,
    ratio: null,
    goal: `${seeds}/${seeds}, holds 2 (3)`,
    met: hasPower(row),
  }
}
