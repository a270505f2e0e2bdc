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
import { type LoadedScenario, loadScenario } from './load-scenario.ts'
import { scenarioHash } from './replay-hash.ts'
import { raceproofVersion } from './replay-version.ts'
import type { ScenarioSpec } from './sim/load-subject.ts'

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
  const repro = parseRepro(path, await textOf(resolve(cwd, path)))
  const loaded = await loadScenario(repro.file ?? repro.scenario, cwd)
  const changed = changesSince(repro, loaded)
  const spec: ScenarioSpec = { module: loaded.module, defect: repro.defect, clients: repro.clients }
  const seen = await lookAtFailure({
    spec: { module: pathToFileURL(entry('harness/run/sim/load-subject')).href, input: spec },
    variant: variantOf(repro),
    by: { holds: repro.holds },
  })
  // Only a failure that was to be made small can fail to come back.
  if (seen === null) throw new HarnessError('ERR_INTERNAL', `the schedule of ${path} was not run`)
  return compared(repro, seen, changed, path)
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new HarnessError(
      'ERR_RECORD_INVALID',
      `${path} cannot be read (${messageOf(error)}). Give a repro-*.json, as 'raceproof run' names it`,
    )
  })
}

/** Whatever may make the schedule another one. */
function changesSince(
  { versions, scenarioHash: hash, scenario }: Repro,
  { module, ...loaded }: LoadedScenario,
): string[] {
  const version = raceproofVersion()
  const { name } = loaded.scenario
  return [
    ...(name === scenario ? [] : [`the scenario is called '${name}' now, and was called '${scenario}'`]),
    ...(scenarioHash(module) === hash ? [] : ['the code of the scenario or of its target has changed']),
    ...(versions.raceproof === version
      ? []
      : [`this is raceproof ${version}, and it was saved by ${versions.raceproof}`]),
    ...(versions.node === process.version
      ? []
      : [`this is Node.js ${process.version}, and it was saved by ${versions.node}`]),
  ]
}

function compared(repro: Repro, seen: SeenSchedule, changed: string[], path: string): Replayed {
  const { judged, traceHash, digests } = seen
  const wanted = kindOfFailure({ ...repro.finding, clients: [], evidence: [] })
  const isSameFailure = judged.findings.some((finding) => kindOfFailure(finding) === wanted)
  const isSameTrace = traceHash === repro.traceHash
  const divergedAt = firstDifference(repro.digests, digests)
  // Where the held events do not come any more, the order that failed was not tried at all.
  const isFollowed = repro.holds.every(({ event, until }) => wasPlayed(seen, event) && wasPlayed(seen, until))
  const verdict = judged.verdict === 'valid' && !isFollowed ? 'unknown' : judged.verdict
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

function wasPlayed({ played }: SeenSchedule, key: string): boolean {
  return played.includes(key)
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

/** The probable reason for a difference; differences that made none are not worth a word. */
function why({ isSameTrace, changed }: Told): string[] {
  if (isSameTrace) return []
  if (changed.length > 0) return changed.map((sentence) => `Probably because ${sentence}.`)
  return [
    'Scenario, raceproof and Node.js are those that saved it, so that the code reads something that a seed does not decide: a file, the environment, or an installed package that has changed.',
  ]
}
