import { describe, expect, it } from 'vitest'
import { select, type Wanted } from '../../../harness/run/select.ts'

const gate: Wanted = {
  scenarios: [],
  world: 'all',
  target: undefined,
  defect: undefined,
  onlyIn: [],
  cwd: process.cwd(),
}

async function worldsOf(wanted: Partial<Wanted>): Promise<Record<string, string[]>> {
  const { runs } = await select({ ...gate, ...wanted })
  const worlds: Record<string, string[]> = {}
  for (const { scenario, world } of runs) worlds[scenario.name] = [...(worlds[scenario.name] ?? []), world]
  return worlds
}

describe('what is run', () => {
  it('by default is every scenario in the simulated world, and those of the gate live too', async () => {
    const worlds = await worldsOf({})
    expect(worlds['rapid-create-delete']).toEqual(['sim', 'live'])
    expect(worlds['hasty-delete']).toEqual(['sim'])
  })

  it.each([
    ['its name is', { scenarios: ['hasty-delete'] }],
    ['a defect is', { defect: 'delete-during-create' }],
  ])('also live beside the gate when %s given', async (_what, wanted) => {
    expect((await worldsOf(wanted))['hasty-delete']).toEqual(['sim', 'live'])
  })

  it.each(['http://127.0.0.1:8080', './serve.sh'])('is one process when it is given as %s', async (target) => {
    await expect(select({ ...gate, scenarios: ['two-processes-one-folder'], target })).rejects.toMatchObject({
      code: 'ERR_WORLD_UNSUPPORTED',
      message: expect.stringContaining('needs 2 processes of the target over one data folder'),
    })
  })

  it('live only, when that world is asked for', async () => {
    const worlds = await worldsOf({ world: 'live' })
    expect(worlds['hasty-delete']).toEqual(['live'])
  })
})
