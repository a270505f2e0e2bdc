/** Linux's first retransmission time-outs, for what is sent on a connection, and for the one that opens it. */
const firstTimeOutMs = { established: 200, opening: 1000 } as const

/** The time-out doubles up to this. */
const longestTimeOutMs = 120_000

/**
 * When TCP, which has sent something at `sentMs` and got no answer, sends it again for the first time at or after `fromMs`:
 * its time-out doubles with every attempt.
 */
export function nextAttemptMs(sentMs: number, fromMs: number, phase: keyof typeof firstTimeOutMs): number {
  let timeOutMs: number = firstTimeOutMs[phase]
  let attemptMs = sentMs + timeOutMs
  while (attemptMs < fromMs) {
    timeOutMs = Math.min(timeOutMs * 2, longestTimeOutMs)
    attemptMs += timeOutMs
  }
  return attemptMs
}
