import { type Call, impossible, model } from 'raceproof'
import { hasEnded, type JobRecord, type JobState, jobTransitions } from './job-table.ts'

type Seen = Pick<JobRecord, 'state'>

/** What is known of a call's answer. */
type Answer = { known: true; output: Seen } | { known: false }

interface Jobs {
  start(id: string): Seen
  look(id: string): Seen
  awaitEnd(id: string): Seen
}

/** A job as its clients see it: it moves through its declared life, and whoever waits for its end finds it ended. */
export const jobModel = model<Jobs, JobState | null>({
  name: 'job',
  init: null,
  partition: (id: string) => id,
  step: {
    start: (state, _, answer) =>
      state !== null || (answer.known && answer.output.state !== 'queued') ? impossible : 'queued',
    look: (state, _, answer) => moved(state, answer),
    awaitEnd: (state, _, answer) =>
      answer.known && !hasEnded(answer.output.state) ? impossible : moved(state, answer),
  },
})

function moved(state: JobState | null, answer: Answer): JobState | null | typeof impossible {
  if (!answer.known) return state
  return state !== null && leadsTo(state, answer.output.state) ? answer.output.state : impossible
}

function leadsTo(from: JobState, to: JobState): boolean {
  return from === to || jobTransitions[from].some((next) => leadsTo(next, to))
}

const operations: Readonly<Record<string, string>> = {
  startSimulation: 'start',
  startAnalysis: 'start',
  simulation: 'look',
  analysis: 'look',
  stopSimulation: 'look',
  stopAnalysis: 'look',
  simulationEnd: 'awaitEnd',
  analysisEnd: 'awaitEnd',
}

/** What the calls of a client mean to the {@link jobModel}. */
export function asJobs({ f, input, outcome }: Call): { f: string; input: string; output?: unknown } | null {
  const name = operations[f]
  if (name === undefined) return null
  const { id } = input as { id: string }
  return outcome.type === 'ok' ? { f: name, input: id, output: outcome.output } : { f: name, input: id }
}
