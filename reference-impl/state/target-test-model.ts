import { type Call, impossible, model } from 'raceproof'
import type { TestState } from './test-execution-manager.ts'

/** The latest execution that is known of, and whether it runs. */
interface Known {
  readonly execution: number
  readonly running: boolean
}

type Seen = Pick<TestState, 'running' | 'execution'>

/** What is known of a call's answer. */
type Answer = { known: true; output: Seen } | { known: false }

interface Tests {
  start(input: null): Seen
  stop(input: null): Seen
  status(input: null): Seen
  /** Nobody's test runs when it is over; who starts one goes on to be refused. */
  close(input: null): void
}

/**
 * The one test as its clients see it: started when none runs, under a number higher than all before; stopped once. A
 * start that is refused because the test was stopped before it ran has taken a number all the same, which others see.
 */
export const testModel = model<Tests, Known>({
  name: 'test-execution',
  init: { execution: 0, running: false },
  step: {
    start: (known, _, answer) => begun(known, answer),
    stop: (known, _, answer) => ended(known, answer),
    status: (known, _, answer) => seen(known, answer),
    close: ({ execution }) => ({ execution, running: false }),
  },
})

function begun(known: Known, answer: Answer): Known | typeof impossible {
  const execution = answer.known ? answer.output.execution : known.execution + 1
  return known.running || execution <= known.execution ? impossible : { execution, running: true }
}

function ended(known: Known, answer: Answer): Known | typeof impossible {
  const { execution, running } = known
  if (!answer.known) return running ? { execution, running: false } : impossible
  const isIt = running ? answer.output.execution === execution : answer.output.execution > execution
  return isIt ? { execution: answer.output.execution, running: false } : impossible
}

function seen(known: Known, answer: Answer): Known | typeof impossible {
  if (!answer.known) return known
  const { running, execution } = answer.output
  if (running === known.running && execution === known.execution) return known
  // Somebody's start took this number and will be refused, because it is stopped before it runs.
  return !known.running && execution > known.execution ? { execution, running } : impossible
}

const operations: Readonly<Record<string, string>> = { startTest: 'start', stopTest: 'stop', testStatus: 'status' }

/** What the calls of a client mean to the {@link testModel}. */
export function asTests({ f, outcome }: Call): { f: string; input: null; output?: unknown } | null {
  const name = operations[f]
  if (name === undefined) return null
  return outcome.type === 'ok' ? { f: name, input: null, output: outcome.output } : { f: name, input: null }
}
