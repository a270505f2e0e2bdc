import type { Hold } from '../../sim/strategy/holds.ts'
import type { SeenSchedule } from '../failure-task.ts'
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
  /** All events in their order: only where no holds bring the failure back, so that it is as it was found. */
  order?: string[] | undefined
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
  /** Two characters for each step, so that a replay that differs can tell where. */
  digests: string[]
  /** Of the scenario and its target as they were; another one may not fail any more. */
  scenarioHash: string
  versions: { raceproof: string; node: string }
}

/** What a repro says beside the schedule itself. */
export type ReproAbout = Pick<
  Repro,
  'scenario' | 'file' | 'target' | 'defect' | 'strategy' | 'scenarioHash' | 'versions'
>

/** The repro of a failing schedule, saved for the first of its findings. There must be one. */
export function reproOf(seen: SeenSchedule, about: ReproAbout): Repro {
  const { variant, judged, holds, order, traceHash, digests } = seen
  const { seed, withoutFaults = [], withoutCalls = [] } = variant
  const [finding] = judged.findings
  return {
    version: 1,
    world: 'sim',
    ...about,
    seed,
    clients: judged.clients,
    holds: [...holds],
    ...(order !== null && { order: [...order] }),
    withoutFaults: [...withoutFaults],
    withoutCalls: [...withoutCalls],
    faults: judged.faults.filter((fault) => !withoutFaults.includes(fault)),
    finding: { check: finding?.check ?? '', message: finding?.message ?? '' },
    traceHash,
    digests,
  }
}

/** The variant of the subject that a repro is about. */
export function variantOf({ seed, clients, withoutFaults, withoutCalls }: Repro): Variant {
  return { seed, clients, withoutFaults, withoutCalls }
}

/** The file's name; what is no part of a file's name on some system is left out of it. `check` tells several of a seed apart. */
export function reproName(
  { scenario, defect, seed }: Pick<Repro, 'scenario' | 'defect' | 'seed'>,
  check?: string,
): string {
  const parts = ['repro', scenario, ...(defect === null ? [] : [defect]), seed, ...(check === undefined ? [] : [check])]
  return `${parts.join('-').replace(/[^\w.-]+/g, '_')}.json`
}
