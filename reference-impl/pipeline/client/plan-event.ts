/** One event of a plan. Ids count 1, 2, 3 … within one life of the plan; the terminal event has the last one. */
export interface PlanEvent {
  id: number
  type: string
  data: unknown
}

/** The three ways in which a plan ends. Exactly one of these is the last event of every plan. */
export const terminalTypes: readonly string[] = ['completed', 'failed', 'deleted']

export function isTerminal({ type }: PlanEvent): boolean {
  return terminalTypes.includes(type)
}
