import type { Repro } from '../../../../harness/explore/repro/repro.ts'

/** A repro with something in every field, changed where a test says so. */
export function reproWith(change: Partial<Repro> = {}): Repro {
  return {
    version: 1,
    world: 'sim',
    scenario: 'seat-reservation',
    file: 'scenarios/seat-reservation.ts',
    target: 'theatre',
    defect: 'double-sale',
    seed: 4_051_227_913,
    clients: 2,
    holds: [{ event: 'fs#4/0', until: 'c5:B→srv/1' }],
    withoutFaults: ['1:latency'],
    withoutCalls: ['c0/2'],
    faults: ['2:reset'],
    strategy: 'pct:3',
    finding: { check: 'mutual-exclusion', message: "seat 'k0' was sold twice" },
    traceHash: 'ab'.repeat(32),
    digests: ['0f'.repeat(32), '1e'.repeat(5)],
    scenarioHash: 'cd'.repeat(32),
    versions: { raceproof: '0.1.0', node: 'v20.20.0' },
    ...change,
  }
}
