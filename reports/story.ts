import { basename } from 'node:path'
import type { ReportedFinding, ScenarioRun } from '../harness/record.ts'
import { type EventLine, eventLine } from './event-line.ts'
import { replayCaveat, shortened } from './wording.ts'

/** A finding told so that one understands it at three in the morning. Every format shows these parts, in this order. */
export interface Story {
  check: string
  /** What users of the target were promised. */
  promised: string
  happened: string
  clients: string[]
  timeLine: EventLine[]
  /** Events of the evidence that are not in the time-line. */
  eventsLeftOut: number
  likelyCause: string | null
  seed: number
  replay: string
  /** What to know about the replay command; null when it always shows the same. */
  caveat: string | null
}

/** The stories of a run, and how many findings are not among them. */
export interface Stories {
  told: Story[]
  leftOut: number
}

const eventsTold = 24
const messageLimit = 2000

/** Tells the first `limit` findings of a run. */
export function storiesOf(run: ScenarioRun, limit: number): Stories {
  const told = run.findings.slice(0, limit).map((finding) => storyOf(run, finding))
  return { told, leftOut: run.findings.length - told.length }
}

/** A run's command is that of its first finding; the repro of another one lies beside that. */
function replayOf({ replay, findings: [first] }: ScenarioRun, { repro }: ReportedFinding): string {
  return repro === null || first?.repro == null ? replay : replay.replace(basename(first.repro), basename(repro))
}

function storyOf(run: ScenarioRun, finding: ReportedFinding): Story {
  const { check, message, clients, evidence, likelyCause = null, seed } = finding
  const shown =
    evidence.length <= eventsTold
      ? evidence
      : [...evidence.slice(0, eventsTold / 2), ...evidence.slice(-eventsTold / 2)]
  return {
    check,
    promised: run.promise,
    happened: shortened(message, messageLimit),
    clients,
    timeLine: shown.map(eventLine),
    eventsLeftOut: evidence.length - shown.length,
    likelyCause,
    seed,
    replay: replayOf(run, finding),
    caveat: run.schedules === null ? replayCaveat : null,
  }
}
