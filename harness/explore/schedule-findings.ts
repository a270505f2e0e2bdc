import type { Finding } from '../check/verdict.ts'
import { HarnessError } from '../errors.ts'
import type { SimFinding } from '../sim/core/finding.ts'
import type { SimResult } from '../sim/simulate.ts'
import { placeIn } from '../stack-place.ts'

/** How a schedule ended, and what went wrong in it. */
export type ScheduleEnd = Pick<SimResult<unknown>, 'findings' | 'status' | 'pending' | 'steps' | 'virtualMs'>

interface Trouble {
  /** The check whose promise it breaks: nothing fails unforeseen, or all comes to its end. */
  check: 'server-errors' | 'progress'
  words: string
  likelyCause: string
}

const troubles: Readonly<Record<SimFinding['kind'], Trouble>> = {
  'uncaught-exception': {
    check: 'server-errors',
    words: 'threw an error that nobody caught',
    likelyCause: 'A callback came upon a state that it did not foresee, and no caller is left to be told.',
  },
  'unhandled-rejection': {
    check: 'server-errors',
    words: 'left a rejected promise that nobody handled',
    likelyCause: 'An async function is called without await, and what it throws goes to nobody.',
  },
  rejected: {
    check: 'server-errors',
    words: 'failed',
    likelyCause: 'The code came upon a state that it did not foresee, such as an entry gone after an await.',
  },
  exit: {
    check: 'server-errors',
    words: 'ended itself',
    likelyCause:
      'An error is taken to be the end of everything, or a script ends the process as if it were alone in it.',
  },
  signal: {
    check: 'server-errors',
    words: 'was ended',
    likelyCause: 'A signal meant for a child process hit its parent, or the whole process group.',
  },
  refused: {
    check: 'server-errors',
    words: 'was refused',
    likelyCause: 'The code needs something that the simulated world does not have; the message says what to do.',
  },
  blocked: {
    check: 'progress',
    words: 'blocked its thread',
    likelyCause: 'An event loop takes a lock by waiting for it; it must ask, and be told when its turn has come.',
  },
  'real-work': {
    check: 'progress',
    words: 'waits for work that the simulation does not see',
    likelyCause: 'A native module or a thread works outside the simulation, so that its end never comes in it.',
  },
}

/**
 * What a schedule met that no check can see in the record. Throws what is no fault of the target: a target that cannot be
 * started, and code that the simulated world cannot run.
 */
export function scheduleFindings(result: ScheduleEnd): Finding[] {
  const blocking = new Set(result.findings.filter(({ kind }) => kind === 'blocked').map(({ thrown }) => thrown))
  for (const { thrown } of result.findings) {
    // Who blocks an event loop does so in any world: what stopped it here is a finding, on whichever way it comes out.
    if (thrown instanceof HarnessError && !blocking.has(thrown)) throw thrown
  }
  return [...result.findings.filter(isOurs).map(told), ...standstill(result)]
}

function told({ kind, node, message, thrown, atMs }: SimFinding): Finding {
  const { check, words, likelyCause } = troubles[kind]
  return {
    check,
    message: withPlace(`process '${node}' ${words} at ${atMs} ms: ${message}`, thrown),
    clients: /^c\d+$/.test(node) ? [node] : [],
    evidence: [],
    likelyCause,
  }
}

/** A message about what was thrown, and on a line of its own where that was, as far as it is known. */
export function withPlace(message: string, thrown: unknown): string {
  const place = thrown instanceof Error && thrown.stack !== undefined ? placeIn(thrown.stack) : undefined
  return place === undefined ? message : `${message.trimEnd()}\nthrown at ${place}`
}

/** How the children of the target end is its own affair. */
function isOurs({ kind, node }: SimFinding): boolean {
  return (kind !== 'exit' && kind !== 'signal') || /^(server|main|c\d+)$/.test(node)
}

/** A schedule that could not end. */
function standstill({ status, pending, steps, virtualMs }: ScheduleEnd): Finding[] {
  if (status === 'done' || status === 'exited') return []
  const waiting = pending.length === 0 ? 'nothing was pending' : `pending were ${pending.slice(0, 5).join('; ')}`
  const how =
    status === 'idle'
      ? `everything waits, and nothing will ever happen: ${waiting}`
      : `it still went on after ${steps} steps and ${virtualMs} ms of virtual time: ${waiting}`
  const likelyCause =
    status === 'idle'
      ? 'Somebody waits for what never comes: a lock that was not released, a lost wake-up, or a listener registered too late.'
      : 'A loop asks again and again for what never changes, or work makes more work of its own kind.'
  return [{ check: 'progress', message: how, clients: [], evidence: [], likelyCause }]
}
