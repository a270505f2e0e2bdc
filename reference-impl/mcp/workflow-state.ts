import type { Checkpoint } from './checkpoint-loader.ts'
import type { Workflow } from './metadata-file.ts'
import { Refusal } from './refusal.ts'

/** A phase that a session has left, with what was required to leave it. */
export interface PassedPhase {
  phase: string
  requirements: readonly string[]
}

/** What is kept on disk of a workflow session. Each change makes a new one; `phase` counts the phases passed. */
export interface WorkflowState {
  readonly sessionId: string
  readonly workflow: string
  readonly phase: number
  readonly status: 'running' | 'completed'
  readonly passed: readonly PassedPhase[]
}

/** A session at its first phase. */
export function started(sessionId: string, workflow: string): WorkflowState {
  return { sessionId, workflow, phase: 0, status: 'running', passed: [] }
}

/** The name of the phase that the session is in. Throws a {@link Refusal} when it has passed the last one. */
export function currentPhase(state: WorkflowState, workflow: Workflow): string {
  const phase = workflow.phases[state.phase]
  if (state.status === 'completed' || phase === undefined) {
    throw new Refusal(
      'workflow-completed',
      `session '${state.sessionId}' has passed all ${state.phase} phases of '${state.workflow}'; start another session`,
    )
  }
  return phase
}

/** The state after its current phase, whose checkpoint is given. */
export function advanced(state: WorkflowState, workflow: Workflow, checkpoint: Checkpoint): WorkflowState {
  const phase = state.phase + 1
  return {
    ...state,
    phase,
    status: phase >= workflow.phases.length ? 'completed' : 'running',
    passed: [...state.passed, { phase: checkpoint.phase, requirements: checkpoint.requirements }],
  }
}
