import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../entry.ts'

/** Where and when something was opened. */
export interface Opening {
  /**
   * `file:line` of the innermost frame that belongs neither to Node nor to this harness: of the program's own code where it is
   * on the stack, else of the package that did it. Undefined when there is neither.
   */
  readonly place: string | undefined
  readonly openedAtMs: number
}

/** How far up a place is looked for: what opens a socket is often deep below what asked for it. */
const frames = 50

/** As it is built, and as source maps name it. */
const harnessFolders = [join('dist', 'harness'), 'harness'].map((folder) => join(packageRoot, folder) + sep)

/**
 * Where each thing of a schedule was opened. A stack costs as much as dozens of events, so that nothing is noted unless it is
 * asked for, as in the repetition of a schedule that has left something behind. Noting changes nothing in the schedule.
 */
export class Openings {
  readonly #nowMs: () => number
  /** Undefined unless places are kept. */
  readonly #known: WeakMap<object, Opening> | undefined

  constructor(isKept: boolean, nowMs: () => number) {
    this.#nowMs = nowMs
    this.#known = isKept ? new WeakMap() : undefined
  }

  /** Notes that the code that runs now has opened it. */
  note(thing: object): void {
    this.#known?.set(thing, { place: callerPlace(), openedAtMs: this.#nowMs() })
  }

  /** Notes that it was opened now on behalf of what is known already, as a connection is for its server. */
  noteFor(thing: object, origin: object): void {
    this.#known?.set(thing, { place: this.#known.get(origin)?.place, openedAtMs: this.#nowMs() })
  }

  /** What is known of it: nothing, unless places are kept. */
  of(thing: object): Opening | undefined {
    return this.#known?.get(thing)
  }
}

function callerPlace(): string | undefined {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = frames
  const { stack = '' } = new Error('place')
  Error.stackTraceLimit = stackTraceLimit
  const places = stack.split('\n').flatMap((line) => placeOf(line) ?? [])
  return places.find((place) => !/[\\/]?node_modules[\\/]/.test(place)) ?? places[0]
}

/** The file and line of a stack's line, such as `    at handler (file:///app/server.js:12:7)`. */
function placeOf(line: string): string | undefined {
  const [, where, number] =
    /(?:\(|at (?:async )?)((?:file:\/\/)?\/[^()]*?|[A-Za-z]:[\\/][^()]*?):(\d+):\d+\)?$/.exec(line) ?? []
  if (where === undefined) return undefined
  const path = where.startsWith('file://') ? fileURLToPath(where) : where
  return harnessFolders.some((folder) => path.startsWith(folder))
    ? undefined
    : `${relative(process.cwd(), path)}:${number}`
}
