import { type Direction, expectDirection, expectNumber, type Fault } from './fault.ts'

/**
 * What is sent in one go arrives in several reads, cut at places drawn from the seed, as TCP is free to do: in the middle of
 * a header, a frame, or a character. Throws a RangeError for fewer than two pieces.
 */
export function split({ pieces = 2, direction = 'both' }: { pieces?: number; direction?: Direction } = {}): Fault {
  expectNumber('pieces', pieces, 2)
  expectDirection(direction)
  return {
    name: 'split',
    description: `split into ${pieces} ${direction}`,
    target: 'link',
    onLink: (link) => link.split(direction, pieces),
  }
}
