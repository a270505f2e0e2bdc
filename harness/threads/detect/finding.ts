/** What can be wrong with a schedule. */
export type FindingKind =
  | 'thrown'
  | 'final'
  | 'deadlock'
  | 'lost-wake-up'
  | 'too-long'
  | 'stuck'
  | 'lock-order'
  | 'mutual-exclusion'
  | 'wrong-release'
  | 'starvation'
  | 'data-race'
  | 'mixed-size'

export interface ThreadFinding {
  readonly kind: FindingKind
  /** One sentence, without the place. */
  readonly message: string
}
