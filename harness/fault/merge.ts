import { type Direction, expectDirection, expectNumber, type Fault } from './fault.ts'

/** What is sent within a time arrives in one read, as TCP is free to do: several messages at once, or one and a half. */
export function merge({ withinMs = 10, direction = 'both' }: { withinMs?: number; direction?: Direction } = {}): Fault {
  expectNumber('withinMs', withinMs, 0)
  expectDirection(direction)
  return {
    name: 'merge',
    description: `merge within ${withinMs} ms ${direction}`,
    target: 'link',
    onLink: (link) => link.merge(direction, withinMs),
  }
}
