import type { CacheCounts, CacheMetrics } from './cache-metrics.ts'
import type { Checkpoint, CheckpointLoader } from './checkpoint-loader.ts'
import type { Metadata, MetadataFile, Workflow } from './metadata-file.ts'
import type { RAGEngine, SearchHit } from './rag-engine.ts'
import { Refusal } from './refusal.ts'
import type { SessionCache } from './session-cache.ts'
import type { SessionCap } from './session-cap.ts'
import type { StateManager } from './state-manager.ts'
import type { Usage } from './usage.ts'
import type { SessionOrigin, WorkflowSession } from './workflow-session.ts'
import { started, type WorkflowState } from './workflow-state.ts'

/** The caches of the engine, by the names under which reports show them. */
export type CacheName = 'sessions' | 'checkpoints' | 'rag' | 'rag-index'

export interface EngineParts {
  sessions: SessionCache
  makeSession: (origin: SessionOrigin) => WorkflowSession
  state: StateManager
  metadata: MetadataFile
  checkpoints: CheckpointLoader
  rag: RAGEngine
  cap: SessionCap
  usage: Usage
  metrics: CacheMetrics<CacheName>
  /** How long a session may stay in memory unused, in milliseconds. */
  sessionIdleMs: number
}

/** A session as its callers see it. */
export interface SessionView extends WorkflowState {
  instance: string
}

/**
 * Everything the tools can do, for all clients and both transports: there is one engine a process. A session is in
 * memory at most once; the cache's double-checked lock makes sure of that.
 */
export class WorkflowEngine {
  protected readonly parts: EngineParts

  constructor(parts: EngineParts) {
    this.parts = parts
  }

  /** Starts a session, or joins the one of that id. Throws a {@link Refusal} when it runs another workflow. */
  async startWorkflow(sessionId: string, workflow: string, client: string): Promise<SessionView> {
    return this.#using(sessionId, async () => {
      const session = await this.getSession(sessionId, () => this.createSession(sessionId, workflow, client))
      if (session.workflow === workflow) return viewOf(session, await session.read())
      throw new Refusal('workflow-mismatch', `session '${sessionId}' runs '${session.workflow}', not '${workflow}'`)
    })
  }

  /** The session as it is now. Throws a {@link Refusal} when it was never started. */
  async readSession(sessionId: string, client: string): Promise<SessionView> {
    return this.withSession(sessionId, client, async (session) => viewOf(session, await session.read()))
  }

  async advance(sessionId: string, client: string): Promise<SessionView> {
    return this.withSession(sessionId, client, async (session) => viewOf(session, await session.advance()))
  }

  /** Runs the section with a session that is kept in memory meanwhile. Holds no lock: the section may call back. */
  withSession<T>(sessionId: string, client: string, section: (session: WorkflowSession) => Promise<T>): Promise<T> {
    return this.#using(sessionId, async () =>
      section(await this.getSession(sessionId, () => this.reopenSession(sessionId, client))),
    )
  }

  search(query: string): Promise<readonly SearchHit[]> {
    return this.parts.rag.search(query)
  }

  /** Throws a {@link Refusal} when the workflow or its phase does not exist. */
  async loadCheckpoint(workflow: string, phase: string): Promise<Checkpoint> {
    const { phases } = await this.parts.metadata.workflow(workflow)
    if (phases.includes(phase)) return this.parts.checkpoints.load(workflow, phase)
    throw new Refusal('unknown-phase', `'${workflow}' has no phase '${phase}'; it has ${phases.join(', ')}`)
  }

  metadata(): Promise<Metadata> {
    return this.parts.metadata.load()
  }

  updateMetadata(workflow: string, change: Partial<Workflow>): Promise<Metadata> {
    return this.parts.metadata.update(workflow, change)
  }

  /** Drops all sessions from memory, also those that are being created, and returns how many there were. */
  clearSessionCache(): number {
    const { size } = this.parts.sessions
    this.parts.sessions.clear()
    return size
  }

  /** Reads the counts of all caches, and sets them back when asked to. */
  async cacheMetrics(reset: boolean): Promise<Record<CacheName, CacheCounts>> {
    return reset ? this.parts.metrics.readAndReset() : this.parts.metrics.read()
  }

  /** Drops idle sessions from memory, whose state stays on disk, and results that have expired. */
  reap(): void {
    for (const sessionId of this.parts.usage.idleFor(this.parts.sessionIdleMs)) {
      this.parts.usage.forget(sessionId)
      this.parts.sessions.delete(sessionId, 'idle')
    }
    this.parts.rag.cleanUp()
  }

  /** The one way to a session in memory: double-checked, one creation a session id. */
  protected getSession(
    sessionId: string,
    create: () => Promise<WorkflowSession>,
  ): WorkflowSession | Promise<WorkflowSession> {
    return this.parts.sessions.getOrCreate(sessionId, create)
  }

  /** Makes the state on disk, unless another process or an earlier run has, and the session for it. */
  protected createSession(sessionId: string, workflow: string, createdBy: string): Promise<WorkflowSession> {
    return this.#admitted(createdBy, async () => {
      await this.parts.metadata.workflow(workflow)
      const state = await this.parts.state.change(sessionId, (before) => before ?? started(sessionId, workflow))
      return this.parts.makeSession({ sessionId, workflow: state.workflow, createdBy })
    })
  }

  /** Makes the session for a state that is on disk already. */
  protected reopenSession(sessionId: string, createdBy: string): Promise<WorkflowSession> {
    return this.#admitted(createdBy, async () => {
      const state = await this.parts.state.read(sessionId)
      if (state) return this.parts.makeSession({ sessionId, workflow: state.workflow, createdBy })
      throw new Refusal('unknown-session', `there is no session '${sessionId}'; start it with start_workflow`)
    })
  }

  async #admitted<T>(client: string, create: () => Promise<T>): Promise<T> {
    this.parts.cap.admit(client)
    try {
      return await create()
    } catch (error) {
      this.parts.cap.release(client)
      throw error
    }
  }

  #using<T>(sessionId: string, section: () => Promise<T>): Promise<T> {
    return this.parts.usage.during(sessionId, section)
  }
}

function viewOf({ instance }: WorkflowSession, state: WorkflowState): SessionView {
  return { ...state, instance }
}
