import { HarnessError } from '../errors.ts'
import type { FaultEvent } from '../history/event.ts'
import type { Fault, FaultableLink } from './fault.ts'

/** A fault that is on: how it heals, each part once. */
export interface ActiveFault {
  readonly fault: Fault
  /** What the record calls it. */
  readonly name: string
  readonly scopes: readonly string[]
  readonly heals: (() => void)[]
}

/** Writes the start or the heal of a fault into the record. */
export type RecordFault = (event: Omit<FaultEvent, 'type' | 'timeMs'>) => void

/** The faults that are on, in whatever world. Each start and each heal is recorded, and a fault heals once. */
export class ActiveFaults {
  readonly #record: RecordFault
  readonly #active = new Set<ActiveFault>()

  constructor(record: RecordFault) {
    this.#record = record
  }

  switchOn(fault: Fault, scopes: readonly string[], name = fault.description): ActiveFault {
    const active: ActiveFault = { fault, name, scopes, heals: [] }
    this.#active.add(active)
    for (const scope of scopes) this.#record({ fault: name, action: 'start', scope })
    return active
  }

  /** Lets a fault that is on hit one more link. */
  hitLink({ fault, heals }: ActiveFault, link: FaultableLink): void {
    if (fault.onLink) heals.push(fault.onLink(link))
  }

  /** Lets a fault that was put on one connection hit its link, unless it has healed meanwhile. */
  hitOnlyLink(active: ActiveFault, link: FaultableLink): void {
    if (!this.#active.has(active)) return
    this.hitLink(active, link)
    if (active.fault.momentary) this.heal(active)
  }

  heal(active: ActiveFault): void {
    if (!this.#active.delete(active)) return
    for (const heal of active.heals) heal()
    for (const scope of active.scopes) this.#record({ fault: active.name, action: 'heal', scope })
  }

  healAll(): void {
    for (const active of [...this.#active]) this.heal(active)
  }
}

/** Throws `ERR_SCENARIO_INVALID` for a fault that is put on a connection and hits none. */
export function expectLinkFault({ name, onLink }: Fault): void {
  if (onLink === undefined) throw misplaced(`'${name}' is no fault of a link; put it on with hit(), or as a nemesis`)
}

/** Throws `ERR_SCENARIO_INVALID` for a fault that is put on the target and hits only links. */
export function expectTargetFault({ name, target }: Fault): void {
  if (target === 'link') {
    throw misplaced(`hit() expects a fault of the process, such as kill(); '${name}' is one of a link`)
  }
}

/** A fault that a scenario puts where there is nothing that it could hit. */
export function misplaced(message: string): HarnessError {
  return new HarnessError('ERR_SCENARIO_INVALID', message)
}
