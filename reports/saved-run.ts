import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HarnessError, messageOf } from '../harness/errors.ts'
import type { AuditEvent } from '../harness/history/event.ts'
import { readHistory } from '../harness/history/journal.ts'
import type { RunRecord } from '../harness/record.ts'

/** A run's record, with what reports take from its histories. */
export interface SavedRun {
  record: RunRecord
  /** For each of the record's runs: what was open at rest before the first round and after each. */
  audits: AuditEvent[][]
  /** What could not be read of the histories: sentences for a reader. */
  missing: string[]
}

type Kind = 'string' | 'number' | 'list' | 'record'

/** The fields without which no report could be rendered. */
const recordFields = {
  verdict: 'string',
  seed: 'number',
  startedAt: 'string',
  machine: 'record',
  runs: 'list',
  notes: 'list',
} as const
const runFields = {
  scenario: 'string',
  promise: 'string',
  verdict: 'string',
  checks: 'list',
  findings: 'list',
  leaks: 'list',
  growth: 'list',
  contention: 'list',
  latencyMs: 'record',
  faults: 'list',
  history: 'string',
  replay: 'string',
  notes: 'list',
} as const

/**
 * Reads a run's folder. A history that is gone or broken takes only its own tables with it, and is told in `missing`.
 * Throws `ERR_RECORD_INVALID` when there is no `run.json`, or it is not one that this version can read.
 */
export async function readRun(folder: string): Promise<SavedRun> {
  const record = parseRecord(join(folder, 'run.json'), await readRecord(folder))
  const histories = await Promise.all(record.runs.map(({ history }) => readAudits(join(folder, history))))
  return {
    record,
    audits: histories.map(({ audits }) => audits),
    missing: histories.flatMap(({ missing }) => missing ?? []),
  }
}

async function readRecord(folder: string): Promise<string> {
  const path = join(folder, 'run.json')
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw invalid(path, `cannot be read (${messageOf(error)}). Give the folder whose path 'raceproof run' printed`)
  })
}

async function readAudits(path: string): Promise<{ audits: AuditEvent[]; missing: string | null }> {
  try {
    const { history, truncated } = await readHistory(path)
    return { audits: history.filter((event) => event.type === 'audit'), missing: truncated }
  } catch (error) {
    return { audits: [], missing: messageOf(error) }
  }
}

function parseRecord(path: string, text: string): RunRecord {
  const record = parseJson(path, text)
  if (kindOf(record) !== 'record') throw invalid(path, 'is not a record of a run: expected a JSON object')
  if (record.version !== 1) {
    throw invalid(
      path,
      `has the version ${JSON.stringify(record.version)}, and this raceproof reads version 1. Use the raceproof that wrote it`,
    )
  }
  expectFields(path, 'the record', record, recordFields)
  for (const [index, run] of (record.runs as unknown[]).entries()) {
    if (kindOf(run) !== 'record') throw invalid(path, `is damaged: runs[${index}] is no object`)
    expectFields(path, `runs[${index}]`, run as Record<string, unknown>, runFields)
  }
  return record as unknown as RunRecord
}

function parseJson(path: string, text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalid(path, `is not JSON (${messageOf(error)}); it may have been cut off or edited`)
  }
}

function expectFields(path: string, what: string, value: Record<string, unknown>, fields: Record<string, Kind>): void {
  for (const [name, kind] of Object.entries(fields)) {
    if (kindOf(value[name]) === kind) continue
    throw invalid(
      path,
      `is damaged: '${name}' of ${what} must be a ${kind}, got ${JSON.stringify(value[name]) ?? 'nothing'}`,
    )
  }
}

function kindOf(value: unknown): Kind | undefined {
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'object') return value === null ? undefined : 'record'
  return typeof value === 'string' || typeof value === 'number' ? (typeof value as Kind) : undefined
}

function invalid(path: string, problem: string): HarnessError {
  return new HarnessError('ERR_RECORD_INVALID', `${path} ${problem}.`)
}
