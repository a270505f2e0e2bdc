import { randomUUID } from 'node:crypto'
import { transitions } from 'raceproof/probe'
import type { Permit } from './admission.ts'
import type { EventStream } from './event-stream.ts'
import type { Execution } from './process-runner.ts'
import type { LineCounts } from './stream-event.ts'

export type PlanState = 'accepted' | 'running' | 'completed' | 'failed' | 'deleted'

/** Tells one plan from all others, those of the same id included that were deleted before it. */
export interface PlanKey {
  readonly id: string
  /** Unique for ever; an id may be created again after it was deleted. */
  readonly key: string
}

/** The name of one life of a plan id, for records and messages. */
export function labelOf({ id, key }: PlanKey): string {
  return `${id}#${key.slice(0, 8)}`
}

/** What can be told of a plan, whether it runs or rests in the database. */
export interface PlanRecord extends PlanKey {
  readonly state: PlanState
  readonly createdAt: number
  readonly linesRead: number
  readonly lastEventId: number
  readonly exitCode: number | null
  readonly reason: string | null
}

/** A plan that has not ended yet: what the server must keep in memory to run it. */
export class Plan implements PlanRecord {
  readonly id: string
  readonly key = randomUUID()
  readonly createdAt = Date.now()
  readonly lines: LineCounts = { stdout: 0, stderr: 0 }
  readonly exitCode = null
  readonly reason = null
  readonly permit: Permit
  stream: EventStream | null = null
  execution: Execution | null = null
  /** A note of its progress is on its way to the database. */
  savingProgress = false
  #state: PlanState | null = null

  constructor(id: string, permit: Permit) {
    this.id = id
    this.permit = permit
  }

  /** Whether it was stored, so that others may see it. */
  get accepted(): boolean {
    return this.#state !== null
  }

  get state(): PlanState {
    return this.#state ?? 'accepted'
  }

  get ended(): boolean {
    return this.#state === 'completed' || this.#state === 'failed' || this.#state === 'deleted'
  }

  get linesRead(): number {
    return this.lines.stdout + this.lines.stderr
  }

  get lastEventId(): number {
    return this.stream?.lastId ?? 0
  }

  /** The caller holds the plan's lock, and has checked that the step is allowed. */
  moveTo(state: PlanState): void {
    if (transitions.hasSubscribers) {
      transitions.publish({ machine: 'plan', id: labelOf(this), from: this.#state, to: state })
    }
    this.#state = state
  }
}
