/** What went wrong in the code under test while a schedule ran. */
export interface SimFinding {
  readonly kind:
    | 'uncaught-exception'
    | 'unhandled-rejection'
    | 'rejected'
    | 'exit'
    | 'signal'
    | 'refused'
    | 'blocked'
    | 'real-work'
  /** One sentence. */
  readonly message: string
  /** What was thrown, where something was. */
  readonly thrown: unknown
  /** The process of the simulation in which it happened. */
  readonly node: string
  readonly step: number
  readonly atMs: number
}
