import { beforeAll, describe, expect, it } from 'vitest'
import { bundledScenarios, type LoadedScenario } from '../../../../harness/run/load-scenario.ts'
import { claimsOf } from '../../../../harness/run/prove/claims.ts'

let all: LoadedScenario[]
beforeAll(async () => {
  all = await bundledScenarios()
})

describe('what there is to prove', () => {
  it('is a defect in each of its worlds, by the scenarios that it names', () => {
    const { claims, silences } = claimsOf(all, { defects: ['delete-during-create'], world: 'all' })
    expect(claims.map(({ world }) => world)).toEqual(['sim', 'live'])
    expect(claims[0]!.scenarios[0]!.scenario.name).toBe('hasty-delete')
    const correct = silences.map(({ world, loaded }) => `${loaded.scenario.name} ${world}`)
    expect(correct).toContain('hasty-delete sim')
    expect(new Set(correct).size).toBe(correct.length)
  })

  it('is everything when no defect is named: each scenario on correct code, in each of its worlds', () => {
    const { claims, silences } = claimsOf(all, { defects: [], world: 'sim' })
    const targets = [...new Set(all.map(({ scenario }) => scenario.target))]
    const inSim = targets.flatMap(({ defects }) => defects.filter(({ worlds }) => worlds.includes('sim')))
    expect(claims).toHaveLength(inSim.length)
    expect(silences).toHaveLength(all.filter(({ scenario }) => scenario.scale.sim !== undefined).length)
  })

  it('names a defect that is meant when there is none of that name', () => {
    const wanted = { defects: ['delete-during-creat'], world: 'all' }
    expect(() => claimsOf(all, wanted)).toThrow(/there is no defect 'delete-during-creat'.*delete-during-create/)
  })

  it('is refused for a world that is none, and for one in which the defect does not show', () => {
    const wanted = { defects: ['delete-during-create'] }
    expect(() => claimsOf(all, { ...wanted, world: 'dream' })).toThrow(
      "--world: expected one of sim, live, threads, all, got 'dream'",
    )
    expect(() => claimsOf(all, { ...wanted, world: 'threads' })).toThrow("shows in the world 'threads'")
  })
})
