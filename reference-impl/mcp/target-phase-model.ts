import { type Call, model } from 'raceproof'

interface SessionPhases {
  /** Passes a phase; answers how many were passed then. */
  advance(sessionId: string): number
  /** How many phases were passed. */
  read(sessionId: string): number
}

/** A workflow session as its clients see it: a counter of the phases that it has passed. */
export const phaseModel = model<SessionPhases, number>({
  name: 'workflow-session',
  init: 0,
  partition: (sessionId: string) => sessionId,
  readOnly: ({ f }) => f === 'read',
  apply: {
    advance: (passed) => [passed + 1, passed + 1],
    read: (passed) => [passed, passed],
  },
})

const meanings: Readonly<Record<string, 'advance' | 'read'>> = {
  advance: 'advance',
  startWorkflow: 'read',
  startAtLast: 'read',
  getSession: 'read',
}

/** What the calls of a client mean to the {@link phaseModel}. */
export function asPhases({ f, input, outcome }: Call): { f: string; input: string; output?: number } | null {
  const name = meanings[f]
  if (name === undefined) return null
  const { sessionId } = input as { sessionId: string }
  if (outcome.type !== 'ok') return { f: name, input: sessionId }
  return { f: name, input: sessionId, output: (outcome.output as { phase: number }).phase }
}
