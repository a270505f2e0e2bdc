import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installedNode } from './installed-node.ts'
import { bundleResults, type ProcessResults, resultsUnder } from './libraries/result-bundle.ts'

const good = JSON.stringify({ status: 'done', findings: [], leftovers: [] })

let folder: string
let here: ProcessResults

beforeAll(async () => {
  folder = await bundleResults()
  here = await resultsUnder(process.execPath, folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe.each([20, 22, 24])('under Node %i', (major) => {
  let results: ProcessResults | undefined
  let node: Awaited<ReturnType<typeof installedNode>>
  let why = ''

  beforeAll(async () => {
    node = process.version.startsWith(`v${major}.`) ? { path: process.execPath } : await installedNode(major)
    if ('missing' in node) why = `Node ${major} could not be installed: ${node.missing}`
    else results = node.path === process.execPath ? here : await resultsUnder(node.path, folder)
  })

  it('every program ends well and answers as it does here', (context) => {
    if (results === undefined) return context.skip(why)
    expect(results.version).toMatch(new RegExp(`^v${major}\\.`))
    for (const [place, { name, ends, answer }] of results.cold.entries()) {
      expect({ name, ends }).toEqual({ name, ends: [good, good, good] })
      expect({ name, answer }).toEqual({ name, answer: here.cold[place]?.answer })
    }
  })

  it('every schedule is the same when it is repeated, and in another process', async (context) => {
    if (results === undefined) return context.skip(why)
    const again = 'path' in node ? await resultsUnder(node.path, folder) : undefined
    for (const [place, { name, hashes }] of results.cold.entries()) {
      expect({ name, hashes: results.warm[place]?.hashes }).toEqual({ name, hashes })
      expect({ name, hashes: again?.cold[place]?.hashes }).toEqual({ name, hashes })
    }
  })
})
