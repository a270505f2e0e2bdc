import { randomUUID } from 'node:crypto'
import type { CheckpointLoader } from './checkpoint-loader.ts'
import type { MetadataFile } from './metadata-file.ts'
import { Refusal } from './refusal.ts'
import type { StateManager } from './state-manager.ts'
import { advanced, currentPhase, type WorkflowState } from './workflow-state.ts'

/** Which session it is, and who wanted it. */
export interface SessionOrigin {
  sessionId: string
  workflow: string
  createdBy: string
}

/** What a session works with. */
export interface SessionResources {
  state: StateManager
  metadata: MetadataFile
  checkpoints: CheckpointLoader
}

/**
 * One workflow session in memory: a handle on the state on disk, and nothing that could differ from it. Two processes
 * over one folder hold a handle each and agree, because each change is made of what the file says under its lock.
 */
export class WorkflowSession {
  /** Identifies this object, so that a second one for the same session shows. */
  readonly instance = randomUUID()
  readonly sessionId: string
  readonly workflow: string
  /** The client that brought it into memory, for whom it counts. */
  readonly createdBy: string
  protected readonly resources: SessionResources

  constructor({ sessionId, workflow, createdBy }: SessionOrigin, resources: SessionResources) {
    this.sessionId = sessionId
    this.workflow = workflow
    this.createdBy = createdBy
    this.resources = resources
  }

  async read(): Promise<WorkflowState> {
    return this.#present(await this.resources.state.read(this.sessionId))
  }

  /** Passes the current phase. Throws a {@link Refusal} when there is none left. */
  advance(): Promise<WorkflowState> {
    const { state, metadata, checkpoints } = this.resources
    return state.change(this.sessionId, async (before) => {
      const present = this.#present(before)
      const workflow = await metadata.workflow(this.workflow)
      const checkpoint = await checkpoints.load(this.workflow, currentPhase(present, workflow))
      return advanced(present, workflow, checkpoint)
    })
  }

  #present(state: WorkflowState | null): WorkflowState {
    if (state) return state
    throw new Refusal('unknown-session', `the state of session '${this.sessionId}' was removed; start it again`)
  }
}
