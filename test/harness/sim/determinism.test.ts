import '../../../harness/register.ts'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entry, packageRoot } from '../../../harness/entry.ts'
import { replay, simulate } from '../../../harness/sim/simulate.ts'
import { natural } from '../../../harness/sim/strategy/natural.ts'
import { programs } from './programs.ts'

const register = entry('harness/register')
const cache = join(packageRoot, '.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'sim-determinism-'))
const bundle = join(folder, 'hash-process.mjs')

beforeAll(() =>
  build({
    entryPoints: [join(import.meta.dirname, 'hash-process.ts')],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outfile: bundle,
  }),
)
afterAll(() => rmSync(folder, { recursive: true }))

/** What `hash-process.ts` computes, here. */
async function hashesHere(): Promise<string[]> {
  const hashes: string[] = []
  for (const program of Object.values(programs)) {
    for (const seed of [1, 2, 3]) hashes.push((await simulate(program, { seed })).hash)
  }
  return hashes
}

describe.each(Object.entries(programs))('the schedule of %s', (_name, program) => {
  it('is the same for the same seed, to the byte on the wire', async () => {
    const first = await simulate(program, { seed: 7 })
    for (let repeat = 0; repeat < 20; repeat++) {
      const { hash, trace } = await simulate(program, { seed: 7 })
      expect(trace).toEqual(first.trace)
      expect(hash).toBe(first.hash)
    }
  })

  it('ends well, whatever the seed, and leaves nothing behind', async () => {
    for (let seed = 0; seed < 50; seed++) {
      const { status, findings, leftovers } = await simulate(program, { seed })
      expect({ seed, status, findings, leftovers }).toEqual({ seed, status: 'done', findings: [], leftovers: [] })
    }
  })

  it('gives its clients the same answers in every order', async () => {
    const { value } = await simulate(program, { strategy: natural() })
    for (let seed = 0; seed < 20; seed++) expect((await simulate(program, { seed })).value).toEqual(value)
  })

  it('differs between seeds', async () => {
    const hashes = new Set<string>()
    for (let seed = 0; seed < 20; seed++) hashes.add((await simulate(program, { seed })).hash)
    expect(hashes.size).toBeGreaterThan(15)
  })

  it('is replayed by its list of choices', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const recorded = await simulate(program, { seed })
      const replayed = await replay(program as never, recorded.choices, { seed })
      expect(replayed.divergence).toBeNull()
      expect(replayed.hash).toBe(recorded.hash)
    }
  })
})

describe('the schedule of a seed', () => {
  it('is the same after other schedules', async () => {
    const cold = await hashesHere()
    for (let seed = 100; seed < 150; seed++)
      for (const program of Object.values(programs)) await simulate(program, { seed })
    expect(await hashesHere()).toEqual(cold)
  })

  it('is the same in a fresh process', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', register, bundle])
    expect(JSON.parse(stdout)).toEqual(await hashesHere())
  })

  it('is the same in a worker thread', async () => {
    const worker = new Worker(bundle, { execArgv: ['--import', register] })
    const hashes = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    await worker.terminate()
    expect(hashes).toEqual(await hashesHere())
  })
})
