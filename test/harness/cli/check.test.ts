import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { raceproof } from './raceproof.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raceproof-check-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** A write of 1 that was acknowledged, and then a read. */
async function history(read: number): Promise<string> {
  const call = (call: number, f: string, input: unknown, output: unknown, timeMs: number) => [
    { type: 'invoke', timeMs, client: 'c0', call, f, input },
    { type: 'ok', timeMs: timeMs + 1, client: 'c0', call, f, output },
  ]
  const events = [...call(0, 'write', 1, null, 1), ...call(1, 'read', null, read, 3)]
  const path = join(folder, 'history.jsonl')
  await writeFile(path, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  return path
}

describe('raceproof check', () => {
  it('exits 0 for a history that fits the model, and says so', async () => {
    const { exitCode, stdout } = await raceproof(['check', await history(1), '--model', 'register'])
    expect(stdout).toContain('valid: 2 calls against the model register')
    expect(exitCode).toBe(0)
  })

  it('exits 1 for one that does not, and prints the answer as JSON alone', async () => {
    const { exitCode, stdout } = await raceproof(['check', await history(2), '--model', 'register', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'invalid', model: 'register', calls: 2 })
    expect(exitCode).toBe(1)
  })

  it('exits 3 without a model that there is, naming those that there are', async () => {
    const { exitCode, stderr } = await raceproof(['check', await history(1), '--model', 'registre'])
    expect(stderr).toContain("no model is named 'registre'")
    expect(stderr).toContain('cas-register')
    expect(exitCode).toBe(3)
  })
})
