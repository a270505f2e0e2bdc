import { describe, expect, it } from 'vitest'
import type { ProveRecord } from '../../../harness/proof.ts'
import { raceproof } from './raceproof.ts'

const sim = ['--world', 'sim', '--quick']

describe('raceproof prove', () => {
  it('shows a race that is caught, an order in which it passes, and the correct target silent', async () => {
    const { exitCode, stdout } = await raceproof(['prove', 'lost-update', ...sim, '--json'])
    const { verdict, defects, silent } = JSON.parse(stdout) as ProveRecord
    expect(exitCode).toBe(0)
    expect(verdict).toBe('valid')
    expect(defects).toHaveLength(1)
    expect(defects[0]).toMatchObject({
      name: 'lost-update',
      caught: true,
      by: ['linearizable'],
      found: 1,
      replayed: 5,
      workers: null,
    })
    expect(defects[0]!.passes).toContain('of seed 1')
    expect(silent[0]).toMatchObject({ target: 'state', world: 'sim', schedules: 60, alarms: 0 })
  })

  it('shows a race of threads, by a scenario of the thread world', async () => {
    const { exitCode, stdout } = await raceproof(['prove', 'per-loop-lock', '--world', 'threads', '--quick', '--json'])
    const { defects, silent } = JSON.parse(stdout) as ProveRecord
    expect(exitCode).toBe(0)
    expect(defects).toMatchObject([
      {
        world: 'threads',
        caught: true,
        by: ['mutual-exclusion'],
        found: 1,
        replayed: 5,
        workers: { confirmed: true },
      },
    ])
    expect(defects[0]!.passes).toContain('of seed 1')
    expect(silent.map(({ world, alarms, unjudged }) => ({ world, alarms, unjudged }))).toContainEqual({
      world: 'threads',
      alarms: 0,
      unjudged: 0,
    })
  })

  it('exits with 3 for a defect that nobody has', async () => {
    const { exitCode, stderr } = await raceproof(['prove', 'lost-updat', ...sim])
    expect(exitCode).toBe(3)
    expect(stderr).toContain("there is no defect 'lost-updat'")
    expect(stderr).toContain('lost-update')
  })
})
