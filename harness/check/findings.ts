import type { HistoryEvent } from '../history/event.ts'
import { DefaultMap } from './default-map.ts'
import type { Finding } from './verdict.ts'

/** What a check says of one violation; the check's name is added when it is told. */
export type Violation = Omit<Finding, 'check'>

interface Kind {
  told: Finding[]
  beyond: string[]
  count: number
}

/** Violations of one kind that are told in full; the rest are counted and a few of them named. */
const toldOfAKind = 3
const namedBeyond = 5
const evidenceLimit = 12

/**
 * Collects what a check finds. A broken server breaks the same way a hundred times, and a reader needs the first
 * few: those of a kind are told in full, the others are counted in the last one's message. What is not told is never
 * built, so that a flood of violations costs no more than counting them.
 */
export class Findings {
  readonly #check: string
  readonly #kinds = new DefaultMap<string, Kind>(() => ({ told: [], beyond: [], count: 0 }))

  constructor(check: string) {
    this.#check = check
  }

  /** Adds a violation of a kind; `subject` names what it is about, for the list of those that are only counted. */
  add(kind: string, subject: string, tell: () => Violation): void {
    const group = this.#kinds.of(kind)
    group.count++
    if (group.told.length < toldOfAKind) group.told.push(this.#finding(tell()))
    else if (group.beyond.length < namedBeyond && !group.beyond.includes(subject)) group.beyond.push(subject)
  }

  /** How many violations there are, told or only counted. */
  get count(): number {
    return [...this.#kinds.values()].reduce((sum, { count }) => sum + count, 0)
  }

  /** The findings to report, kinds in the order in which they first came up. */
  told(): Finding[] {
    return [...this.#kinds.values()].flatMap(({ told, beyond, count }) => {
      const more = count - told.length
      if (more === 0) return told
      const last = told.at(-1)!
      const rest = `${more} more like it: ${beyond.join(', ')}${more > beyond.length ? ', …' : '.'}`
      return [...told.slice(0, -1), { ...last, message: `${sentence(last.message)} ${rest}` }]
    })
  }

  #finding(violation: Violation): Finding {
    return {
      check: this.#check,
      ...violation,
      clients: [...new Set(violation.clients)],
      evidence: evidence(violation.evidence),
    }
  }
}

/** The events in order of time, cut in the middle when they are too many to read. */
function evidence(events: readonly HistoryEvent[]): HistoryEvent[] {
  const ordered = [...events].sort((a, b) => a.timeMs - b.timeMs)
  if (ordered.length <= evidenceLimit) return ordered
  const half = evidenceLimit / 2
  return [...ordered.slice(0, half), ...ordered.slice(-half)]
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`
}
