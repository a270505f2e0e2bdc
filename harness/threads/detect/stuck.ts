import type { Operation } from '../operation.ts'
import type { ThreadFinding } from './finding.ts'

/** Why the threads of a schedule wait for ever: a circle of locks, a wake-up that came too early or never, or all else. */
export function stuck(
  pending: readonly Operation[],
  performed: readonly Operation[],
  circle: string | null,
): ThreadFinding {
  const stays = pending.filter(({ optional }) => optional !== true)
  const waiting = stays.map(({ thread, kind }) => `thread ${thread} (${kind})`).join(', ')
  if (circle !== null) return { kind: 'deadlock', message: `deadlock: ${circle}` }
  const asleep = stays.find(isAsleep)
  if (asleep === undefined) return { kind: 'deadlock', message: `deadlock: all that is left waits: ${waiting}` }
  const early = performed.some((operation) => isCallTo(operation, asleep))
  const why = early ? 'the calls that should have woken it came before it slept' : 'nobody calls it'
  return {
    kind: 'lost-wake-up',
    message: `lost wake-up: thread ${asleep.thread} sleeps for ever, ${why}; waiting: ${waiting}`,
  }
}

/** An event loop that nothing of the thread world can wake waits for something else. */
function isAsleep({ kind, accesses }: Operation): boolean {
  return kind === 'wake' || (kind === 'event' && accesses.length > 0)
}

function isCallTo({ kind, accesses }: Operation, asleep: Operation): boolean {
  const places = asleep.accesses.map(({ from }) => from)
  return (kind === 'notify' || kind === 'signal') && accesses.some(({ from }) => places.includes(from))
}
