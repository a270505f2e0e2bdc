import { type Direction, expectDirection, type Fault } from './fault.ts'

/** The network stands still: nothing passes and nothing is lost, not even a FIN; all of it arrives after healing. */
export function stall({ direction = 'both' }: { direction?: Direction } = {}): Fault {
  expectDirection(direction)
  return {
    name: 'stall',
    description: `stall ${direction}`,
    target: 'link',
    onLink: (link) => link.stall(direction),
  }
}
