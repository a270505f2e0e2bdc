import type { Answer } from '../../../model.ts'
import { impossible, model } from '../../../model.ts'
import { identity, same } from '../identity.ts'
import { fieldIn } from './inputs.ts'

interface SessionOperations {
  open(input: unknown): unknown
  get(input: unknown): unknown
  close(input: unknown): unknown
}

/** The one instance of an id. Opened by a call whose answer nobody knows, it has no name until somebody sees it. */
type Session = { instance: unknown } | 'unnamed' | null

/**
 * One instance for each id. `open(id)` → the instance, made if there was none; `get(id)` → the instance or `null`;
 * `close(id)`. The id is the input, or `id` or `key` in it; the answer is the instance's name, or has it as `instance`.
 */
export const sessionRegistry = model<SessionOperations, Session>({
  name: 'session-registry',
  init: null,
  partition: (input) => String(identity(fieldIn(input, 'id') ?? fieldIn(input, 'key') ?? input)),
  step: {
    open: (session, _, answer) => seen(session ?? 'unnamed', answer),
    get: (session, _, answer) => (session === null ? absent(answer) : seen(session, answer)),
    close: () => null,
  },
  readOnly: ({ f, output }) => f === 'get' && output === null,
})

function seen(session: Exclude<Session, null>, answer: Answer): Session | typeof impossible {
  if (!answer.known) return session
  const instance = fieldIn(answer.output, 'instance') ?? answer.output ?? null
  if (instance === null) return impossible
  return session === 'unnamed' || same(session.instance, instance) ? { instance } : impossible
}

function absent(answer: Answer): null | typeof impossible {
  return !answer.known || (answer.output ?? null) === null ? null : impossible
}
