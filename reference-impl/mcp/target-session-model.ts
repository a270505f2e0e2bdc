import { type Call, model } from 'raceproof'
import type { RefusalReason } from './refusal.ts'
import { refusalIn } from './target-client.ts'

/** Which session, and the workflow that it is to run. */
interface Wanted {
  sessionId: string
  workflow: string
}

/** Refusals that tell something of the session. Others, as for lack of room, may come at any time. */
const telling = ['unknown-session', 'workflow-mismatch', 'workflow-completed'] as const satisfies RefusalReason[]
type Refused = (typeof telling)[number]

/** Each answers how many phases were passed then, or why it was refused. */
interface SessionOperations {
  start(wanted: Wanted): number | Refused
  advance(wanted: Pick<Wanted, 'sessionId'>): number | Refused
  read(wanted: Pick<Wanted, 'sessionId'>): number | Refused
}

/** A session that was started. */
interface Session {
  workflow: string
  passed: number
}

/** How many phases the workflows have that the server brings along. What scenarios add is longer than anybody comes. */
const phases: Readonly<Record<string, number>> = { 'race-hunt': 5, 'change-review': 4, incident: 4 }

/** A workflow session as its clients see it: the workflow of whoever was first, and a counter of the phases passed. */
export const sessionModel = model<SessionOperations, Session | null>({
  name: 'workflow-session',
  init: null,
  partition: ({ sessionId }: Pick<Wanted, 'sessionId'>) => sessionId,
  readOnly: ({ f, output }) => f === 'read' || typeof output === 'string',
  apply: {
    start: (session, { workflow }) => {
      if (session === null) return [0, { workflow, passed: 0 }]
      return [session.workflow === workflow ? session.passed : 'workflow-mismatch', session]
    },
    advance: (session) => {
      if (session === null) return ['unknown-session', session]
      const { workflow, passed } = session
      if (passed >= (phases[workflow] ?? Number.POSITIVE_INFINITY)) return ['workflow-completed', session]
      return [passed + 1, { workflow, passed: passed + 1 }]
    },
    read: (session) => [session?.passed ?? 'unknown-session', session],
  },
})

const meanings: Readonly<Record<string, keyof SessionOperations>> = {
  advance: 'advance',
  startWorkflow: 'start',
  startAtLast: 'start',
  getSession: 'read',
}

/** What the calls of a client mean to the {@link sessionModel}. */
export function asSession(call: Call): { f: string; input: unknown; output?: unknown } | null {
  const { input, outcome } = call
  if (call.f === 'runSubagent') return asSubagents(call)
  const f = meanings[call.f]
  if (f === undefined) return null
  if (outcome.type === 'ok') return { f, input, output: (outcome.output as { phase: number }).phase }
  const reason = outcome.type === 'fail' ? refusalIn(outcome.error) : null
  return telling.some((word) => word === reason) ? { f, input, output: reason } : { f, input }
}

/** What the sub-agent did on behalf of its client. Why it was refused is told to it alone. */
function asSubagents({ input, outcome }: Call): { f: string; input: unknown; output?: unknown } {
  const f = (input as { advance: boolean }).advance ? 'advance' : 'read'
  if (outcome.type !== 'ok') return { f, input }
  const { report } = outcome.output as { report: { phase?: number } }
  return { f, input, output: report.phase ?? null }
}
