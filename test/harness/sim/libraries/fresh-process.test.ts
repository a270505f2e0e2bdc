import '../../../../harness/register.ts'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { libraryPrograms } from './programs/all.ts'
import { bundleResults, type ProcessResults, resultsUnder } from './result-bundle.ts'

let folder: string
let results: ProcessResults

beforeAll(async () => {
  folder = await bundleResults()
  results = await resultsUnder(process.execPath, folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

it.each(Object.entries(libraryPrograms))(
  '%s goes the same way in a fresh process, cold and warm',
  async (name, program) => {
    const cold = results.cold.find((result) => result.name === name)
    const warm = results.warm.find((result) => result.name === name)
    const here: string[] = []
    // Another seed comes first, as it does not over there: what it leaves in the modules must not matter.
    await simulate(program, { seed: 99 })
    for (const seed of [1, 2, 3]) here.push((await simulate(program, { seed })).hash)
    expect(cold?.hashes).toEqual(here)
    expect(warm?.hashes).toEqual(here)
  },
)
