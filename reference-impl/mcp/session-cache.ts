import { GuardedCache } from '../sync/guarded-cache.ts'
import type { WorkflowSession } from './workflow-session.ts'

/** The workflow sessions in memory, by id: at most one a session, whoever asks. */
export class SessionCache extends GuardedCache<WorkflowSession> {
  /** `onGone` is told of every session that leaves memory. */
  constructor(onGone: (session: WorkflowSession) => void) {
    super({
      name: 'sessions',
      instanceOf: ({ instance }) => instance,
      onEvict: (_sessionId, session) => onGone(session),
    })
  }
}
