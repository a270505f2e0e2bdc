import { type QuietRun, quietRun } from './alarms/quiet-run.ts'
import { quietScenarios } from './alarms/quiet-scenarios.ts'
import type { BenchOptions, Figure } from './figure.ts'

const usualSchedules = 100_000

/**
 * Whether anything is raised against correct code: so many schedules, spread over all scenarios of the simulated world and
 * all strategies. The seed is another one each time, and printed, so that every run looks at what none has looked at.
 */
export async function figures({
  schedules = usualSchedules,
  seed = Math.floor(Math.random() * 2 ** 31),
  scenarios: names,
}: BenchOptions): Promise<Figure[]> {
  const scenarios = await quietScenarios(names)
  const each = Math.ceil(schedules / scenarios.length)
  process.stderr.write(`alarms: seed ${seed}, ${each} schedules of each of ${scenarios.length} scenarios\n`)
  const runs: QuietRun[] = []
  for (const loaded of scenarios) {
    const run = await quietRun(loaded, each, seed)
    runs.push(run)
    process.stderr.write(`${lineOf(run)}\n`)
  }
  return [...runs.map(figureOf), figureOf(sumOf(runs))]
}

function lineOf({ scenario, schedules, distinct, alarms, told }: QuietRun): string {
  const counts = `${schedules} schedules, ${distinct} distinct, ${alarms} alarms`
  return [`  ${scenario.padEnd(26)} ${counts}`, ...told.map((alarm) => `    ${alarm}`)].join('\n')
}

function sumOf(runs: readonly QuietRun[]): QuietRun {
  const sum = (figure: 'schedules' | 'distinct' | 'alarms') => runs.reduce((total, run) => total + run[figure], 0)
  return {
    scenario: 'all together',
    schedules: sum('schedules'),
    distinct: sum('distinct'),
    alarms: sum('alarms'),
    told: [],
  }
}

function figureOf({ scenario, schedules, distinct, alarms }: QuietRun): Figure {
  return {
    name: `alarms: ${scenario}, ${schedules} schedules, ${distinct} distinct`,
    value: alarms,
    unit: 'alarms',
    peer: null,
    peerValue: null,
    ratio: null,
    goal: '0',
    met: alarms === 0 && schedules > 0,
  }
}
