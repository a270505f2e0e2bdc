import type { Hold } from '../../sim/strategy/holds.ts'
import type { Variant } from '../subject.ts'

/** A saved failure: everything that brings it back, and what it was, so that a difference can be told. */
export interface Repro {
  version: 1
  world: 'sim'
  /** The scenario's name. */
  scenario: string
  /** Its file, relative to where the run was started; null for one of the package's own. */
  file: string | null
  target: string
  defect: string | null
  seed: number
  clients: number
  /** What was held back in the natural order of events. */
  holds: Hold[]
  /** Planned faults and drawn operations that the failure does not need. */
  withoutFaults: string[]
  withoutCalls: string[]
  /** Faults that were planned and do happen, for the reader. */
  faults: string[]
  /** What found the order. */
  strategy: string
  finding: { check: string; message: string }
  /** Of the schedule, every byte on the wire included. */
  traceHash: string
  /** One short hash for every 16 steps, so that a replay that differs can tell where. */
  digests: string[]
  /** Of the scenario and its target as they were; another one may not fail any more. */
  scenarioHash: string
  versions: { raceproof: string; node: string }
}

/** The variant of the subject that a repro is about. */
export function variantOf({ seed, clients, withoutFaults, withoutCalls }: Repro): Variant {
  return { seed, clients, withoutFaults, withoutCalls }
}
