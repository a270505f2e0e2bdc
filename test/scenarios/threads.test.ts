import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Defect } from '../../harness/defect.ts'
import { packageRoot } from '../../harness/entry.ts'
import { loadThreadSubject } from '../../harness/run/threads/load-thread-subject.ts'
import { exploreThreadSubject, type ThreadExploration } from '../../harness/run/threads/thread-exploration.ts'
import type { AnyThreadScenario, RunnableScenario } from '../../harness/thread-scenario.ts'

/** Those that are gone through completely: two threads, and every order that makes a difference. */
const proved: readonly string[] = ['lock-entered-twice', 'permit-waited-for']

/** So many orders of the others are run here; `raceproof run` runs many more. */
const orders = 60

/** A defect must show in as many; where it is a matter of luck, these seeds have it. */
const ordersToCatch = 300

const folder = join(packageRoot, 'scenarios')
const files = readdirSync(folder).filter((file) => file.endsWith('.ts'))
const scenarios = (await Promise.all(files.map(load))).filter((each) => each.kind === 'thread-scenario')

async function load(file: string): Promise<RunnableScenario> {
  return ((await import(pathToFileURL(join(folder, file)).href)) as { default: RunnableScenario }).default
}

interface Exploring {
  scenario: AnyThreadScenario
  defect?: string
  schedules: number
}

async function explore({ scenario, defect: name, schedules }: Exploring): Promise<ThreadExploration> {
  const defect = scenario.target.defects.find((each: { name: string }) => each.name === name) ?? null
  const subject = await loadThreadSubject(scenario, defect)
  const isWanted = ({ findings }: { findings: readonly { check: string }[] }) =>
    defect === null || findings.some(({ check }) => defect.caughtBy.includes(check))
  return exploreThreadSubject(subject, { seed: 1, schedules, strategy: null, isWanted })
}

/** Every defect of the thread world, with the first of its scenarios that runs there. */
const caught = scenarios
  .flatMap(({ target }): readonly Defect[] => target.defects)
  .filter((defect, index, all) => defect.worlds.includes('threads') && all.indexOf(defect) === index)
  .flatMap(({ name, scenarios: racing }) => {
    const scenario = scenarios.find((each) => racing.includes(each.name))
    return scenario === undefined ? [] : [{ defect: name, scenario }]
  })

describe('scenarios of threads, on correct code', () => {
  for (const scenario of scenarios) {
    const isProved = proved.includes(scenario.name)
    it(`${scenario.name} raises nothing in ${isProved ? 'any order' : `${orders} orders`}`, async () => {
      const explored = await explore({ scenario, schedules: isProved ? 20_000 : orders })
      expect(explored.failed?.trial.findings ?? []).toEqual([])
      expect(explored.verdict).toBe('valid')
      expect(explored.exhausted).toBe(isProved)
    })
  }
})

describe('defects in the thread world', () => {
  it.each(caught)('$defect is caught', async ({ scenario, defect }) => {
    const { failed } = await explore({ scenario, defect, schedules: ordersToCatch })
    const { caughtBy } = scenario.target.defects.find((each: { name: string }) => each.name === defect)!
    expect(failed?.trial.findings.map(({ check }) => check).filter((check) => caughtBy.includes(check))).not.toEqual([])
  })
})
