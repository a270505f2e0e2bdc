import { HarnessError } from './errors.ts'
import type { WorldName } from './worlds.ts'

/** A component class of a target, which a defect may replace by a subclass. */
// biome-ignore lint/suspicious/noExplicitAny: a class of any constructor is meant
export type ComponentClass = new (...args: any[]) => any

/** The component classes of a target by name; its factory makes the components from these and nothing else. */
export type Parts = Readonly<Record<string, ComponentClass>>

/** What is known of a defect: where it was seen, and what must catch it. */
export interface DefectAbout {
  /** The document and section that describes it. */
  source: string
  /** What is wrong, in one sentence. */
  wrong: string
  /** The checks that may catch it; any of them counts. */
  caughtBy: readonly string[]
  /** The worlds in which it shows. */
  worlds: readonly WorldName[]
  /** The names of the scenarios that race it, the most telling first. */
  scenarios: readonly string[]
  /** Where the replaced part runs: in the target's process, or in the harness with the client library. */
  side?: 'server' | 'client'
  /** Some legal orders pass and some fail. */
  race?: boolean
  /** How many live runs must all find it; three when left out. */
  liveRuns?: number
}

/** A deliberately wrong variant of one component: the proof that the harness can see. */
export interface Defect extends DefectAbout {
  readonly name: string
  readonly side: 'server' | 'client'
  readonly race: boolean
  readonly liveRuns: number
  /** The correct class that the defect replaces. */
  readonly part: ComponentClass
  readonly override: (correct: ComponentClass) => ComponentClass
}

/**
 * Declares a defect: a subclass of `part` that overrides one small method, its wrong line marked `// DEFECT:`.
 */
export function defect<Part extends ComponentClass>(
  name: string,
  part: Part,
  about: DefectAbout,
  override: (correct: Part) => ComponentClass,
): Defect {
  return {
    ...about,
    name,
    part,
    side: about.side ?? 'server',
    race: about.race ?? false,
    liveRuns: about.liveRuns ?? 3,
    override: override as (correct: ComponentClass) => ComponentClass,
  }
}

/** The parts with the one that the defect is about replaced, if the defect is on this side; else the parts as they are. */
export function partsWith<P extends Parts>(parts: P, defect: Defect | null, side: Defect['side']): P {
  if (defect === null || defect.side !== side) return parts
  const name = Object.keys(parts).find((key) => parts[key] === defect.part)
  if (name === undefined) {
    throw new HarnessError(
      'ERR_INTERNAL',
      `defect '${defect.name}' replaces ${defect.part.name}, which is not among the target's parts (${Object.keys(parts).join(', ')})`,
    )
  }
  return { ...parts, [name]: defect.override(defect.part) }
}
