import type { Finding } from '../check/verdict.ts'
import { HarnessError } from '../errors.ts'
import type { SimFinding } from '../sim/core/finding.ts'
import type { SimResult } from '../sim/simulate.ts'

/** How a schedule ended, and what went wrong in it. */
export type ScheduleEnd = Pick<SimResult<unknown>, 'findings' | 'status' | 'pending' | 'steps' | 'virtualMs'>

/** The check whose promise a trouble breaks: nothing fails unforeseen, or all comes to its end. */
function checkOf(kind: SimFinding['kind']): string {
  return kind === 'blocked' || kind === 'real-work' ? 'progress' : 'server-errors'
}

const words: Readonly<Record<SimFinding['kind'], string>> = {
  'uncaught-exception': 'threw an error that nobody caught',
  'unhandled-rejection': 'left a rejected promise that nobody handled',
  'real-work': 'waits for work that the simulation does not see',
  rejected: 'failed',
  exit: 'ended itself',
  signal: 'was ended',
  refused: 'was refused',
  blocked: 'blocked its thread',
}

/**
 * What a schedule met that no check can see in the record. Throws what is no fault of the target: a target that cannot be
 * started, and code that the simulated world cannot run.
 */
export function scheduleFindings(result: ScheduleEnd): Finding[] {
  for (const { thrown } of result.findings) if (thrown instanceof HarnessError) throw thrown
  const troubles = result.findings.filter(isOurs).map(({ kind, node, message, atMs }) => ({
    check: checkOf(kind),
    message: `process '${node}' ${words[kind]} at ${atMs} ms: ${message}`,
    clients: /^c\d+$/.test(node) ? [node] : [],
    evidence: [],
  }))
  return [...troubles, ...standstill(result)]
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
  return [{ check: 'progress', message: how, clients: [], evidence: [] }]
}
