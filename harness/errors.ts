/**
 * Every way in which the harness itself can fail, one stable code each. A race in the target is a
 * finding, which is a value; it is never one of these.
 */
export const errorCodes = {
  ERR_USAGE: 'The command line or an option is wrong.',
  ERR_UNKNOWN_NAME: 'No scenario, defect, target, check or model has that name.',
  ERR_SCENARIO_INVALID: 'A scenario file is malformed, or a scenario breaks a rule of the harness.',
  ERR_WORLD_UNSUPPORTED: 'The scenario does not run in the world that was asked for.',
  ERR_TARGET_START: 'The target did not start: it could not be loaded, refused to listen, or exited first.',
  ERR_TARGET_NOT_READY: 'The target started but did not become ready in time.',
  ERR_TARGET_EXITED: 'The target was ended from outside in the middle of a run.',
  ERR_OUTPUT: 'The output folder or a file in it cannot be written.',
  ERR_RECORD_INVALID: 'A saved run or history cannot be read back.',
  ERR_NOT_REGISTERED: 'The simulated world was asked for, but `raceproof/register` was not loaded first.',
  ERR_NONDETERMINISM: 'A schedule was repeated with the same seed and went differently.',
  ERR_REPLAY_DIVERGED: 'A replayed schedule could not follow its recording.',
  ERR_INTERNAL: 'An invariant of the harness broke. This is a bug of raceproof.',
} as const

/** The code of a {@link HarnessError}; the table is {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes

/** Thrown when the harness cannot do its work. Says what happened, what was expected, and what to do next. */
export class HarnessError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'HarnessError'
    this.code = code
  }
}

/** Throws `ERR_USAGE` when an option is no whole number of at least 1; it may be left out. */
export function expectCount(option: string, value: number | undefined): void {
  if (value === undefined || (Number.isInteger(value) && value >= 1)) return
  throw new HarnessError('ERR_USAGE', `expected ${option} to be a whole number of at least 1, got ${String(value)}`)
}

/** The message of anything that was thrown, errors and others alike. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
