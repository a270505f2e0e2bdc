import { HarnessError } from '../errors.ts'
import type { Hold } from '../sim/strategy/holds.ts'

/** What brings a schedule back: its seed and its holds. */
export interface ReplayPoint {
  seed: number
  holds: readonly Hold[]
}

/**
 * A schedule in one line, to be pasted into a test: the seed, then each hold as `event<until`. Keys hold neither `;` nor
 * `<`, but for paths that a program makes up; those are escaped.
 */
export function replayToken({ seed, holds }: ReplayPoint): string {
  return [String(seed), ...holds.map(({ event, until }) => `${escaped(event)}<${escaped(until)}`)].join(';')
}

/** Throws `ERR_USAGE` for what is no such line. */
export function parseReplayToken(token: string): ReplayPoint {
  const [seed = '', ...holds] = token.split(';')
  if (!/^\d+$/.test(seed)) throw malformed(token)
  return {
    seed: Number(seed),
    holds: holds.map((hold) => {
      const [event, until, ...more] = hold.split('<').map(decodeURIComponent)
      if (event === undefined || until === undefined || more.length > 0) throw malformed(token)
      return { event, until }
    }),
  }
}

function escaped(key: string): string {
  return key.replace(/[%;<]/g, encodeURIComponent).replace(/;/g, '%3B')
}

function malformed(token: string): HarnessError {
  return new HarnessError(
    'ERR_USAGE',
    `'${token}' is no schedule to replay: expected a seed and holds, such as '42;fs#1/0<c2:main→main/0', as the message of a failed exploration prints them`,
  )
}
