import { follow } from './strategy/follow.ts'
import type { Strategy } from './strategy/strategy.ts'

/** Runs one schedule; null when it does not fail in the way that is looked for, else the thread of each step. */
export type Attempt = (strategy: Strategy) => readonly number[] | null

export interface ShrinkOptions {
  /** How many schedules may be run. */
  schedules?: number
}

export interface Shrunk {
  readonly choices: readonly number[]
  /** How often another thread went on than the one before. */
  readonly switches: number
  /** How many schedules were run. */
  readonly schedules: number
}

/** Steps that one thread takes in a row. */
interface Segment {
  readonly thread: number
  readonly steps: number
}

/**
 * Makes a failing schedule easier to read: the fewest switches between threads that it finds, then the fewest steps.
 *
 * Cuts the end off, drops a segment, or joins a segment to an earlier or later one of the same thread, and keeps what
 * still fails and is smaller, until nothing helps or the schedules are used up. Nothing is random, so the same failure
 * always shrinks to the same schedule. Throws when the given choices do not fail.
 */
export function shrink(
  attempt: Attempt,
  choices: readonly number[],
  { schedules = 2_000 }: ShrinkOptions = {},
): Shrunk {
  let ran = 1
  const first = attempt(follow(choices))
  if (first === null) throw new Error(`the ${choices.length} choices to shrink do not fail when they are replayed`)
  let best = first

  /** Whether one of the smaller schedules fails; the first one becomes the best. */
  function improve(): boolean {
    for (const candidate of smaller(segmentsOf(best))) {
      if (ran >= schedules) return false
      ran++
      const failed = attempt(follow(candidate))
      if (failed !== null && isSmaller(failed, best)) {
        best = failed
        return true
      }
    }
    return false
  }

  while (improve()) {}
  return { choices: best, switches: switchesOf(best), schedules: ran }
}

/** How often another thread goes on than the one before. */
export function switchesOf(choices: readonly number[]): number {
  return choices.filter((thread, step) => step > 0 && thread !== choices[step - 1]).length
}

function isSmaller(one: readonly number[], other: readonly number[]): boolean {
  const fewer = switchesOf(one) - switchesOf(other)
  return fewer < 0 || (fewer === 0 && one.length < other.length)
}

function* smaller(segments: readonly Segment[]): Generator<number[]> {
  for (let kept = 0; kept < segments.length; kept++) yield choicesOf(segments.slice(0, kept))
  for (let at = 0; at < segments.length; at++) yield choicesOf(segments.toSpliced(at, 1))
  for (let at = 0; at < segments.length; at++) {
    for (const to of neighbours(segments, at)) yield choicesOf(joined(segments, at, to))
  }
  for (let at = 0; at < segments.length; at++) {
    const { thread, steps } = segments[at] as Segment
    for (const fewer of fewerThan(steps)) yield choicesOf(segments.with(at, { thread, steps: fewer }))
  }
}

/** Numbers of steps to try instead, ascending: some near 1 and some near `steps`, since each takes a whole schedule. */
function fewerThan(steps: number): number[] {
  const numbers = new Set<number>()
  for (let distance = 1; distance < steps; distance *= 2) numbers.add(distance).add(steps - distance)
  return [...numbers].sort((one, other) => one - other)
}

/** The nearest segments of the same thread, before and after. */
function neighbours(segments: readonly Segment[], at: number): number[] {
  const same = segments.flatMap(({ thread }, index) => (thread === segments[at]?.thread ? index : []))
  const place = same.indexOf(at)
  return [same[place - 1], same[place + 1]].filter((index) => index !== undefined)
}

/** Moves one segment to the end of an earlier one, or to the beginning of a later one. */
function joined(segments: readonly Segment[], at: number, to: number): Segment[] {
  const { thread, steps } = segments[at] as Segment
  const other = segments[to] as Segment
  return segments.with(to, { thread, steps: other.steps + steps }).toSpliced(at, 1)
}

function segmentsOf(choices: readonly number[]): Segment[] {
  const segments: Segment[] = []
  for (const thread of choices) {
    const last = segments.at(-1)
    if (last?.thread === thread) segments[segments.length - 1] = { thread, steps: last.steps + 1 }
    else segments.push({ thread, steps: 1 })
  }
  return segments
}

function choicesOf(segments: readonly Segment[]): number[] {
  return segments.flatMap(({ thread, steps }) => Array.from({ length: steps }, () => thread))
}
