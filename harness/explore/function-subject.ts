import type { Finding } from '../check/verdict.ts'
import type { SimResult, Simulated, SimulateOptions } from '../sim/simulate.ts'
import { type ScheduleEnd, scheduleFindings, withPlace } from './schedule-findings.ts'
import type { Judged, Subject } from './subject.ts'

/** What bounds each schedule of a function. */
export type ScheduleBounds = Pick<SimulateOptions, 'maxSteps' | 'maxVirtualMs' | 'settleMs' | 'cpuMs' | 'windowMs'>

export interface FunctionSubjectOptions extends ScheduleBounds {
  name: string
  /** Whether what is still open when the function has ended, and a second later, is a finding. */
  leftovers: boolean
}

/** A user's own function as something to explore: it fails when it throws, or when something goes wrong around it. */
export function functionSubject(run: Simulated<unknown>, options: FunctionSubjectOptions): Subject {
  const { name, leftovers, ...bounds } = options
  return {
    name,
    trial: ({ withoutFaults }) => ({
      run,
      options: { ...bounds, withoutFaults },
      judge: (result) => judge(result, leftovers),
    }),
  }
}

function judge(result: SimResult<unknown>, withLeftovers: boolean): Judged {
  const findings = [...assertion(result), ...scheduleFindings(withoutRejection(result))]
  if (withLeftovers && result.status === 'done') findings.push(...leftovers(result))
  return {
    verdict: findings.length > 0 ? 'invalid' : 'valid',
    findings,
    history: [],
    clients: 0,
    faults: result.faults,
    calls: [],
  }
}

/** What the function itself threw: mostly an assertion of the test around it. */
function assertion({ findings }: SimResult<unknown>): Finding[] {
  return findings
    .filter(({ kind }) => kind === 'rejected')
    .map(({ message, thrown }) => ({
      check: 'assertion',
      message: withPlace(message, thrown),
      clients: [],
      evidence: [],
    }))
}

/** Without a copy of the rest, which would write the trace down. */
function withoutRejection({ findings, status, pending, steps, virtualMs }: SimResult<unknown>): ScheduleEnd {
  return { findings: findings.filter(({ kind }) => kind !== 'rejected'), status, pending, steps, virtualMs }
}

function leftovers({ leftovers: left }: SimResult<unknown>): Finding[] {
  return left.map(({ kind, what, node, place, openedAtMs }) => ({
    check: 'leftovers',
    message: `process '${node}' has left a ${kind} open: ${plain(what)}${place === undefined ? '' : `; opened at ${place} after ${openedAtMs} ms`}`,
    clients: [],
    evidence: [],
  }))
}

/** Timers are named by their lane, which tells a reader nothing but how long they are. */
function plain(what: string): string {
  return what.replace(/^timer:.+:(\d+)\/\d+,/, '$1 ms,')
}
