import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Finding, Verdict } from '../check/verdict.ts'
import { entry } from '../entry.ts'
import { HarnessError, messageOf } from '../errors.ts'
import { lookAtFailure, type SeenSchedule } from '../explore/failure-task.ts'
import { firstDifference } from '../explore/repro/digests.ts'
import { parseRepro } from '../explore/repro/parse-repro.ts'
import { type Repro, variantOf } from '../explore/repro/repro.ts'
import { kindOfFailure } from '../explore/shrink/same-failure.ts'
import { tellFailure } from '../explore/told/tell-failure.ts'
import { loadSaved } from './load-scenario.ts'
import { changesSince } from './replay-changes.ts'
import type { ScenarioSpec } from './sim/load-subject.ts'
import { replayThreadRepro } from './threads/replay-thread-repro.ts'
import { isThreadRepro } from './threads/thread-repro.ts'

/** What a replay showed. */
export interface Replayed {
  verdict: Verdict
  /** Whether it was the same failure, and the same schedule to the byte. */
  same: boolean
  findings: readonly Finding[]
  /** The first step that went another way, from 0; null where none did, or only bytes differ that the trace does not show. */
  divergedAt: number | null
  /** What differs from when the repro was saved: sentences for a reader. */
  changed: string[]
  /** What came of it, for a reader. */
  text: string
}

/**
 * Runs the schedule of a saved repro again. Throws `ERR_RECORD_INVALID` when the file cannot be read, `ERR_UNKNOWN_NAME`
 * when its scenario or defect is gone, and what exploring throws when the scenario cannot be run.
 */
export async function replayRepro(path: string, cwd: string): Promise<Replayed> {
  const text = await textOf(resolve(cwd, path))
  if (isThreadRepro(text)) return replayThreadRepro(path, text, cwd)
  const repro = parseRepro(path, text)
  const loaded = await loadSaved(repro, cwd)
  const changed = changesSince(repro, loaded)
  const spec: ScenarioSpec = { module: loaded.module, defect: repro.defect, clients: repro.clients }
  const seen = await lookAtFailure({
    spec: { module: pathToFileURL(entry('harness/run/sim/load-subject')).href, input: spec },
    variant: variantOf(repro),
    by: { holds: repro.holds, order: repro.order, failure: savedFor(repro) },
  })
  // Only a failure that was to be made small can fail to come back.
  if (seen === null) throw new HarnessError('ERR_INTERNAL', `the schedule of ${path} was not run`)
  return compared(repro, seen, changed, path)
}

/** The finding that it was saved for, without what the file does not hold. */
function savedFor({ finding }: Repro): Finding {
  return { ...finding, clients: [], evidence: [] }
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new HarnessError(
      'ERR_RECORD_INVALID',
      `${path} cannot be read (${messageOf(error)}). Give a repro-*.json, as 'raceproof run' names it`,
    )
  })
}

function compared(repro: Repro, seen: SeenSchedule, changed: string[], path: string): Replayed {
  const { judged, traceHash, digests } = seen
  const wanted = kindOfFailure(savedFor(repro))
  const isSameFailure = judged.findings.some((finding) => kindOfFailure(finding) === wanted)
  const isSameTrace = traceHash === repro.traceHash
  const divergedAt = firstDifference(repro.digests, digests)
  const verdict = judged.verdict === 'valid' && !isFollowed(repro, seen) ? 'unknown' : judged.verdict
  const told = { repro, seen, changed, path, verdict, isSameFailure, isSameTrace, divergedAt }
  return {
    verdict,
    same: isSameFailure && isSameTrace,
    findings: judged.findings,
    divergedAt,
    changed,
    text: tell(told),
  }
}

/** Where the held events do not come any more, or others do, the order that failed was not tried at all. */
function isFollowed({ holds, order }: Repro, { played }: SeenSchedule): boolean {
  if (order !== undefined) return order.every((key, step) => played[step] === key)
  return holds.every(({ event, until }) => played.includes(event) && played.includes(until))
}

interface Told {
  repro: Repro
  seen: SeenSchedule
  changed: readonly string[]
  path: string
  verdict: Verdict
  isSameFailure: boolean
  isSameTrace: boolean
  divergedAt: number | null
}

function tell(told: Told): string {
  const { repro, seen, path } = told
  const { findings } = seen.judged
  const story = tellFailure({
    name: repro.scenario,
    findings,
    timeLine: seen.timeLine,
    holds: repro.holds,
    isAsFound: repro.order !== undefined,
    seed: repro.seed,
    replay: `raceproof replay ${path}`,
  })
  const parts = [outcome(told), ...divergence(told), ...why(told), ...(findings.length === 0 ? [] : ['', story])]
  return parts.join('\n')
}

function outcome({ verdict, isSameFailure, isSameTrace, repro }: Told): string {
  const { check, message } = repro.finding
  if (isSameFailure && isSameTrace) return 'The same failure, and the same schedule to the byte.'
  if (isSameFailure) return 'The same failure, but not the same schedule.'
  const was = `It was saved for ${check}: ${message.split('\n')[0]}`
  if (verdict === 'invalid') return `It fails in another way.\n${was}`
  if (verdict === 'valid') return `It no longer fails: the order that failed is kept without harm.\n${was}`
  return `Nobody can know whether it still fails: the order that failed cannot be played any more.\n${was}`
}

function divergence({ isSameTrace, divergedAt, seen }: Told): string[] {
  if (isSameTrace) return []
  if (divergedAt === null) return ['The steps are the same, but not the bytes that were on the wire.']
  const step = seen.timeLine.steps <= divergedAt ? 'where it ends now' : `which is '${seen.played[divergedAt]}' now`
  return [`It diverged at step ${divergedAt}, ${step}.`]
}

/** What has changed, whether or not it shows; the probable reason for what differs. */
function why({ isSameTrace, changed }: Told): string[] {
  if (isSameTrace) return changed.map((sentence) => `The schedule is the same, although ${sentence}.`)
  if (changed.length > 0) return changed.map((sentence) => `Probably because ${sentence}.`)
  return [
    'Scenario, raceproof and Node.js are those that saved it, so that the code reads something that a seed does not decide: a file, the environment, or an installed package that has changed.',
  ]
}
