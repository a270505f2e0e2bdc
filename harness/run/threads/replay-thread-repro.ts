import { HarnessError } from '../../errors.ts'
import { choicesToken, parseChoices } from '../../threads/choices-token.ts'
import { loadSaved } from '../load-scenario.ts'
import { changesSince } from '../replay-changes.ts'
import { replayReproCommand } from '../replay-command.ts'
import type { Replayed } from '../replay-repro.ts'
import { loadThreadSubject } from './load-thread-subject.ts'
import { tellThreadFailure } from './tell-thread-failure.ts'
import { replayChoices } from './thread-failure.ts'
import { parseThreadRepro, type ThreadRepro } from './thread-repro.ts'
import { type ThreadTrial, traceHashOf } from './thread-subject.ts'

/**
 * Runs the schedule of a saved repro of the thread world again. Throws `ERR_RECORD_INVALID` when the file cannot be read,
 * `ERR_UNKNOWN_NAME` when its scenario or defect is gone, and `ERR_SCENARIO_INVALID` when the scenario is none of threads.
 */
export async function replayThreadRepro(path: string, text: string, cwd: string): Promise<Replayed> {
  const repro = parseThreadRepro(path, text)
  const loaded = await loadSaved(repro, cwd)
  const { scenario } = loaded
  if (scenario.kind !== 'thread-scenario') {
    throw new HarnessError('ERR_SCENARIO_INVALID', `scenario '${scenario.name}' has no threads any more`)
  }
  const subject = await loadThreadSubject(scenario, defectOf(repro, scenario.target.defects))
  const trial = await replayChoices(subject, repro.choices, repro.seed)
  const isSameFailure = trial.findings.some(({ check }) => check === repro.finding.check)
  const isSameTrace = traceHashOf(trial) === repro.traceHash
  const changed = changesSince(repro, loaded)
  const told = { repro, trial, changed, isSameFailure, isSameTrace, divergedAt: divergenceOf(repro, trial) }
  const story = tellThreadFailure(scenario, trial, { seed: repro.seed, replay: replayReproCommand(path) })
  return {
    verdict: trial.verdict,
    same: isSameFailure && isSameTrace,
    findings: trial.findings,
    divergedAt: told.divergedAt,
    changed,
    text: [...outcome(told), ...(trial.findings.length === 0 ? [] : ['', story])].join('\n'),
  }
}

function defectOf({ defect: name, target }: ThreadRepro, defects: readonly { name: string }[]) {
  if (name === null) return null
  const found = defects.find((defect) => defect.name === name)
  if (found !== undefined) return found as never
  throw new HarnessError('ERR_UNKNOWN_NAME', `target '${target}' has no defect named '${name}'`)
}

/** The first step that another thread takes, from 0; null when all are as they were. */
function divergenceOf({ choices }: ThreadRepro, trial: ThreadTrial): number | null {
  if (choicesToken(trial.choices) === choices) return null
  const saved = parseChoices(choices)
  const differs = saved.findIndex((thread, step) => trial.choices[step] !== thread)
  return differs < 0 ? saved.length : differs
}

interface Told {
  repro: ThreadRepro
  trial: ThreadTrial
  changed: readonly string[]
  isSameFailure: boolean
  isSameTrace: boolean
  divergedAt: number | null
}

function outcome({ repro, trial, changed, isSameFailure, isSameTrace, divergedAt }: Told): string[] {
  if (isSameFailure && isSameTrace) return ['The same failure, and the same schedule to the last value.']
  const { check, message } = repro.finding
  const was = `It was saved for ${check}: ${message.split('\n')[0]}`
  const how = isSameFailure
    ? ['The same failure, but not the same schedule.']
    : trial.verdict === 'invalid'
      ? ['It fails in another way.', was]
      : ['It no longer fails: the order that failed is kept without harm.', was]
  const where =
    divergedAt === null ? 'The steps are the same, but not what was seen.' : `It diverged at step ${divergedAt}.`
  return [...how, ...(isSameTrace ? [] : [where, ...changed.map((sentence) => `Probably because ${sentence}.`)])]
}
