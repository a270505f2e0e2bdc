import { type CutAfter, type CutEnding, type Direction, expectDirection, expectNumber, type Fault } from './fault.ts'

export interface CutOptions {
  /** `{ bytes: 100 }` or `{ messages: 3 }`, counted on each link from when the fault begins. */
  after: CutAfter
  /** Whose bytes or messages are counted: the target's (`down`) when left out. */
  direction?: Exclude<Direction, 'both'>
  ending?: CutEnding
}

/**
 * The connection breaks at an exact place: after so many bytes, in the middle of a message when they end there, or after so
 * many messages (writes of the sender). What comes behind is lost. Throws a RangeError for fewer than one.
 */
export function cut({ after, direction = 'down', ending = 'reset' }: CutOptions): Fault {
  const [count, unit] = 'bytes' in after ? [after.bytes, 'bytes'] : [after.messages, 'messages']
  expectNumber(unit, count, 1)
  expectDirection(direction)
  if (ending !== 'reset' && ending !== 'end') {
    throw new RangeError(`expected ending to be 'reset' or 'end', got ${JSON.stringify(ending)}`)
  }
  return {
    name: 'cut',
    description: `cut after ${count} ${unit} ${direction} with ${ending === 'reset' ? 'RST' : 'FIN'}`,
    target: 'link',
    onLink: (link) => link.cut(direction, after, ending),
  }
}
