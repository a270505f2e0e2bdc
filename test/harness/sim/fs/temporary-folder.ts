import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { simulate } from '../../../../harness/sim/simulate.ts'

/** Runs the function with an empty folder of the real disk, which is removed afterwards. */
export async function inTemporaryFolder<T>(run: (folder: string) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'raceproof-fs-'))
  try {
    return await run(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs a program over a folder on the real disk and over an equal one in the simulation; both must come to the same. */
export async function sameOnBothDisks<T>(
  program: (folder: string) => T | Promise<T>,
  options: { seed?: number } = {},
): Promise<T> {
  return inTemporaryFolder(async (folder) => {
    const simulated = await simulate(() => program(folder), options)
    expect({ status: simulated.status, findings: simulated.findings }).toEqual({ status: 'done', findings: [] })
    const real = await program(folder)
    expect(simulated.value).toEqual(real)
    return real
  })
}

/** A schedule that must end well; returns what the function returned. */
export async function scheduled<T>(run: (sim: Sim) => T | Promise<T>, seed = 1): Promise<T> {
  const result = await simulate(run, { seed })
  expect({ status: result.status, findings: result.findings }).toEqual({ status: 'done', findings: [] })
  return result.value as T
}
