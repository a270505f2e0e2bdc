import { type Direction, expectDirection, expectNumber, type Fault } from './fault.ts'

export interface LatencyOptions {
  delayMs: number
  /** Up to this much more, drawn for each chunk of bytes from the run's seed. */
  jitterMs?: number
  direction?: Direction
}

/** A slow network: everything arrives later, in order. Throws a RangeError for a delay that is no number of at least 0. */
export function latency({ delayMs, jitterMs = 0, direction = 'both' }: LatencyOptions): Fault {
  expectNumber('delayMs', delayMs, 0)
  expectNumber('jitterMs', jitterMs, 0)
  expectDirection(direction)
  return {
    name: 'latency',
    description: `latency ${delayMs} ms + [0, ${jitterMs}] ms ${direction}`,
    target: 'link',
    onLink: (link) => link.delay(direction, delayMs, jitterMs),
  }
}
