/**
 * What takes part in a round, of all that chance has drawn. Whatever is drawn is named here, and left out when the
 * answer is false: that is how a failing round is made smaller without drawing anything else anew.
 */
export interface Roster {
  fault(name: string): boolean
  call(name: string): boolean
}

/** Everything takes part. */
export const everything: Roster = { fault: () => true, call: () => true }

/** A roster that leaves some names out, and keeps all that it was asked for. */
export class PartialRoster implements Roster {
  readonly faults: string[] = []
  readonly calls: string[] = []
  readonly #without: { faults: ReadonlySet<string>; calls: ReadonlySet<string> }

  constructor({ faults = [], calls = [] }: { faults?: readonly string[]; calls?: readonly string[] }) {
    this.#without = { faults: new Set(faults), calls: new Set(calls) }
  }

  fault(name: string): boolean {
    this.faults.push(name)
    return !this.#without.faults.has(name)
  }

  call(name: string): boolean {
    this.calls.push(name)
    return !this.#without.calls.has(name)
  }
}
