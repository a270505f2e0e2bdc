import type { Mutation } from './mutation.ts'

/** A mutation with its number among all. */
export interface Numbered extends Mutation {
  readonly id: number
}

/**
 * A module with all of its mutations in it, each behind a switch, so that one process can try one after the other while
 * its code stays warm. The text starts on the line on which it did.
 *
 * @param path where the module of the switch lies, as this one imports it
 */
export function switched(code: string, mutations: readonly Numbered[], path: string): string {
  if (mutations.length === 0) return code
  const text = render({ from: 0, to: code.length }, mutations, code)
  return `import * as mutationSwitch from '${path}'; ${text}`
}

interface Range {
  readonly from: number
  readonly to: number
}

/** A part of the code, with the mutations that lie in it. */
function render({ from, to }: Range, mutations: readonly Numbered[], code: string): string {
  const [outer] = mutations.toSorted((a, b) => a.from - b.from || b.to - a.to)
  if (outer === undefined) return code.slice(from, to)
  const others = mutations.filter((mutation) => mutation !== outer)
  const inside = others.filter((mutation) => mutation.to <= outer.to)
  const after = others.filter((mutation) => mutation.to > outer.to)
  return (
    code.slice(from, outer.from) +
    withSwitch(outer, render(outer, inside, code)) +
    render({ from: outer.to, to }, after, code)
  )
}

/** What is there while the switch is on may hold switches of its own; what takes its place needs none, since only one is off at a time. */
function withSwitch({ id, instead }: Numbered, original: string): string {
  return instead === null
    ? `mutationSwitch.passes(${id}, ${original})`
    : `(mutationSwitch.isOff(${id}) ? ${instead} : ${original})`
}
