import '../../harness/register.ts'
import { describe, expect, it } from 'vitest'
import { type ExploreSubjectOptions, exploreSubject } from '../../harness/explore/explore-subject.ts'
import { scenarioSubject } from '../../harness/run/sim/scenario-subject.ts'
import type { AnyScenario } from '../../harness/scenario.ts'
import { strategiesNamed } from '../../harness/sim/strategy/strategies.ts'
import dualTransportSession from '../../scenarios/dual-transport-session.ts'
import multiClientDisconnect from '../../scenarios/multi-client-disconnect.ts'
import rapidCreateDelete from '../../scenarios/rapid-create-delete.ts'
import slowReaderCleanup from '../../scenarios/slow-reader-cleanup.ts'
import stateStorm from '../../scenarios/state-storm.ts'

function explore(scenario: AnyScenario, defect: string | null, options: Partial<ExploreSubjectOptions> = {}) {
  const found = scenario.target.defects.find(({ name }: { name: string }) => name === defect) ?? null
  const subject = scenarioSubject(scenario, { defect: found })
  const strategies = strategiesNamed('portfolio')!
  return exploreSubject(subject, { seed: 20_260_101, schedules: 20, strategies, ...options })
}

describe('the scenarios in the simulated world', () => {
  it.each<[name: string, AnyScenario, schedules: number]>([
    ['multi-client-disconnect', multiClientDisconnect, 25],
    ['rapid-create-delete', rapidCreateDelete, 25],
    ['slow-reader-cleanup', slowReaderCleanup, 20],
    ['state-storm', stateStorm, 20],
    ['dual-transport-session', dualTransportSession, 10],
  ])('%s: the correct target keeps its promise in every order', async (_, scenario, schedules) => {
    const { verdict, told, schedules: run, distinct } = await explore(scenario, null, { schedules })
    expect({ verdict, findings: told?.told?.judged.findings ?? [] }).toEqual({ verdict: 'valid', findings: [] })
    expect(run).toBe(schedules)
    expect(distinct).toBeGreaterThan(schedules / 2)
  })

  it.each<[defect: string, scenario: AnyScenario]>([
    ['first-disconnect-tears-down', multiClientDisconnect],
    ['stream-cleanup-toctou', rapidCreateDelete],
    ['late-output-lost', slowReaderCleanup],
    ['session-double-init', dualTransportSession],
    ['dual-transport-split', dualTransportSession],
  ])('%s is found by a check that its author named', async (name, scenario) => {
    const defect = scenario.target.defects.find((candidate: { name: string }) => candidate.name === name)!
    for (const seed of [1, 2, 3]) {
      const { verdict, told } = await explore(scenario, name, { seed, schedules: 100 })
      expect(verdict).toBe('invalid')
      const checks = told?.told?.judged.findings.map(({ check }) => check) ?? []
      expect(checks.filter((check) => defect.caughtBy.includes(check))).not.toEqual([])
    }
  })

  it('gives one hash for one seed, and others for other seeds', async () => {
    const hashOf = async (seed: number) =>
      (await explore(multiClientDisconnect, null, { seed, schedules: 6 })).traceHash
    const first = await hashOf(1)
    expect(await hashOf(2)).not.toBe(first)
    expect(await hashOf(1)).toBe(first)
  })
})
