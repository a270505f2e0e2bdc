import type { History } from '../history/event.ts'
import { type Check, judged, unseen } from './check.ts'
import { Findings } from './findings.ts'
import { processOf, type TransitionEvent, transitionEvents } from './probes.ts'
import { names } from './wording.ts'

/** The declared life of one kind of thing. A state from which no transition is declared is terminal. */
export interface Machine {
  /** The states in which a life may begin. */
  initial: readonly string[]
  transitions: Readonly<Record<string, readonly string[]>>
}

export interface LifecycleOptions {
  machines: Readonly<Record<string, Machine>>
}

/**
 * Things move through their declared life only: a life begins in an initial state, each transition is declared and
 * starts from the state that the last one reached, and a terminal state is final. A thing that has reached a terminal
 * state may begin a new life under the same id. Machines that are not declared are not judged.
 */
export function lifecycle({ machines }: LifecycleOptions): Check {
  return {
    name: 'lifecycle',
    judge(history) {
      const findings = new Findings('lifecycle')
      const seen = judgeTransitions(history, machines, findings)
      if (seen === 0) return unseen(`the target published no transition of ${names(Object.keys(machines))}`)
      return judged(findings.told())
    },
  }
}

function judgeTransitions(history: History, machines: LifecycleOptions['machines'], findings: Findings): number {
  const last = new Map<string, TransitionEvent>()
  let seen = 0
  for (const event of transitionEvents(history)) {
    const machine = machines[event.machine]
    if (machine === undefined) continue
    seen++
    const thing = `${processOf(event.source)} ${event.machine} ${event.id}`
    const wrong = violation(machine, last.get(thing), event)
    if (wrong !== null) tell(wrong, last.get(thing), event, findings)
    last.set(thing, event)
  }
  return seen
}

function violation(machine: Machine, last: TransitionEvent | undefined, { from, to }: TransitionEvent): string | null {
  const allowed = (state: string) => machine.transitions[state] ?? []
  if (from === null) {
    if (last !== undefined && allowed(last.to).length > 0) return `began anew in ${to} while it was still ${last.to}`
    return machine.initial.includes(to) ? null : `began in ${to}; it may begin in ${machine.initial.join(' or ')}`
  }
  if (last !== undefined && last.to !== from) return `went from ${from} to ${to}, but it was already ${last.to}`
  if (allowed(from).includes(to)) return null
  if (allowed(from).length === 0) return `went from ${from}, which is final, to ${to}`
  return `went from ${from} to ${to}; from there it may go to ${allowed(from).join(' or ')}`
}

function tell(wrong: string, last: TransitionEvent | undefined, event: TransitionEvent, findings: Findings): void {
  findings.add(`${event.machine} ${event.from} ${event.to}`, event.id, () => ({
    message: `${event.machine} ${event.id} ${wrong}`,
    clients: [],
    evidence: last === undefined ? [event.source] : [last.source, event.source],
    likelyCause: 'The state was read before an await and written after it; read, decide and write must be one step.',
  }))
}
