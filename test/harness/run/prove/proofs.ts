import type { DefectProof, ProveRecord, SilenceProof } from '../../../../harness/proof.ts'
import type { Claim } from '../../../../harness/run/prove/claims.ts'

/** A defect that was caught in the simulated world. */
export function defectProof(change: Partial<DefectProof> = {}): DefectProof {
  return {
    name: 'check-then-act',
    world: 'sim',
    target: 'theatre',
    source: 'a report, section 2',
    race: true,
    caught: true,
    by: ['mutual-exclusion'],
    expected: ['mutual-exclusion', 'survival'],
    scenario: 'seat-reservation',
    schedulesMedian: 3,
    secondsMedian: null,
    holds: 1,
    replayed: 20,
    replays: 20,
    workers: null,
    seeds: 5,
    found: 5,
    passes: 'schedule 1 of seed 1 (natural)',
    command: 'raceproof run seat-reservation --world sim --defect check-then-act',
    missing: null,
    ...change,
  }
}

export function silenceProof(change: Partial<SilenceProof> = {}): SilenceProof {
  const run = { schedules: 1000, alarms: 0, unjudged: 0, alarm: null }
  return { target: 'theatre', scenario: 'seat-reservation', world: 'sim', ...run, ...change }
}

export function proveRecord(change: Partial<ProveRecord> = {}): ProveRecord {
  return {
    verdict: 'valid',
    seeds: 5,
    durationMs: 61_000,
    defects: [
      defectProof(),
      defectProof({ world: 'live', schedulesMedian: null, secondsMedian: 4.2, ...nothingReplayed, seeds: 3, found: 3 }),
    ],
    silent: [silenceProof()],
    notes: [],
    ...change,
  }
}

const nothingReplayed = { holds: null, replayed: null, replays: null, passes: null }

/** The claim that such a defect is caught. */
export function claim(change: { race?: boolean } = {}): Claim {
  const defect = { name: 'check-then-act', source: 'a report', caughtBy: ['mutual-exclusion', 'survival'], race: true }
  return {
    defect: { ...defect, ...change },
    target: { name: 'theatre' },
    world: 'sim',
    scenarios: [{ scenario: { name: 'seat-reservation' } }],
  } as unknown as Claim
}
