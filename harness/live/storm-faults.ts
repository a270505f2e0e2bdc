import type { Socket } from 'node:net'
import { HarnessError } from '../errors.ts'
import type { Fault, FaultableLink, FaultableProcess } from '../fault/fault.ts'
import type { PlannedFault } from '../fault/nemesis.ts'
import type { FaultEvent } from '../history/event.ts'
import type { FaultProxy } from './proxy/fault-proxy.ts'

/** What faults can hit; null where there is no such thing. */
export interface FaultTargets {
  proxy: FaultProxy | null
  process: FaultableProcess | null
}

/** A fault that is on: how it heals, each part once. */
interface ActiveFault {
  fault: Fault
  scopes: string[]
  heals: (() => void)[]
}

/**
 * The faults of a storm: those that the nemeses planned, and those that the script itself asks for. Every start and
 * every heal is recorded, and {@link healAll} heals whatever is still on.
 */
export class StormFaults {
  readonly #targets: FaultTargets
  readonly #record: (event: Omit<FaultEvent, 'type' | 'timeMs'>) => void
  readonly #active = new Set<ActiveFault>()
  #timers: NodeJS.Timeout[] = []

  constructor(targets: FaultTargets, record: (event: Omit<FaultEvent, 'type' | 'timeMs'>) => void) {
    this.#targets = targets
    this.#record = record
  }

  /** Begins the storm: each planned fault starts and heals at its time. Throws at once for one that can hit nothing here. */
  start(plan: readonly PlannedFault[]): void {
    for (const { fault } of plan) this.#expectTarget(fault)
    for (const planned of plan) {
      this.#after(planned.fromMs, () => {
        const active = planned.fault.target === 'process' ? this.#hitProcess(planned.fault) : this.#hitLinks(planned)
        if (planned.untilMs !== undefined) this.#after(planned.untilMs - planned.fromMs, () => this.#heal(active))
      })
    }
  }

  /** Puts a fault on the link of a client's connection, at once or as soon as it is connected. Returns what heals it. */
  hitSocket(client: string, socket: Socket, fault: Fault): () => void {
    if (fault.onLink === undefined) throw misplaced(`'${fault.name}' is a fault of the process; put it on with hit()`)
    this.#expectTarget(fault)
    const active = this.#switchOn(fault, [client])
    const hit = (link: FaultableLink) => {
      if (!this.#active.has(active)) return
      this.#hitLink(active, link)
      if (fault.momentary) this.#heal(active)
    }
    const whenConnected = () => {
      const { proxy } = this.#targets
      if (proxy) active.heals.push(proxy.whenLinked(socket.localPort as number, hit))
    }
    if (socket.connecting) socket.once('connect', whenConnected)
    else if (socket.localPort !== undefined) whenConnected()
    return () => this.#heal(active)
  }

  /** Hits the target's process. */
  hitProcess(fault: Fault): void {
    this.#expectTarget(fault)
    if (fault.onProcess === undefined) {
      throw misplaced(`hit() expects a fault of the process, such as kill(); '${fault.name}' is one of a link`)
    }
    this.#hitProcess(fault)
  }

  /** Ends the storm: nothing starts any more, and everything that is on heals. */
  healAll(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers = []
    for (const active of [...this.#active]) this.#heal(active)
  }

  #hitProcess(fault: Fault): ActiveFault {
    const active = this.#switchOn(fault, ['target'])
    const { process } = this.#targets
    if (process && fault.onProcess) active.heals.push(fault.onProcess(process))
    return active
  }

  /** Hits every link of these clients, and those that they open while the fault lasts. */
  #hitLinks({ fault, clients }: PlannedFault): ActiveFault {
    const active = this.#switchOn(fault, clients === 'all' ? ['all'] : [...clients])
    const hit = new Set<FaultableLink>()
    const stopListening = this.#targets.proxy?.onLink((link, client) => {
      const meant = clients === 'all' || (client !== null && clients.has(client))
      if (!meant || hit.has(link)) return
      hit.add(link)
      this.#hitLink(active, link)
    })
    if (stopListening) active.heals.push(stopListening)
    return active
  }

  #hitLink(active: ActiveFault, link: FaultableLink): void {
    if (active.fault.onLink) active.heals.push(active.fault.onLink(link))
  }

  #switchOn(fault: Fault, scopes: string[]): ActiveFault {
    const active: ActiveFault = { fault, scopes, heals: [] }
    this.#active.add(active)
    for (const scope of scopes) this.#record({ fault: fault.description, action: 'start', scope })
    return active
  }

  #heal(active: ActiveFault): void {
    if (!this.#active.delete(active)) return
    for (const heal of active.heals) heal()
    for (const scope of active.scopes) this.#record({ fault: active.fault.description, action: 'heal', scope })
  }

  #after(delayMs: number, action: () => void): void {
    this.#timers.push(setTimeout(action, delayMs))
  }

  #expectTarget({ name, target }: Fault): void {
    if (target === 'clock' || target === 'files') {
      const what = target === 'clock' ? 'clock' : 'disk'
      throw new HarnessError(
        'ERR_WORLD_UNSUPPORTED',
        `'${name}' needs a ${what} that the harness controls, and the live target has the machine's; run it with --world sim`,
      )
    }
    if (target === 'link' && this.#targets.proxy === null) {
      throw misplaced(`'${name}' needs a connection, and the target speaks stdio only`)
    }
    if (target === 'process' && this.#targets.process === null) {
      throw misplaced(`'${name}' needs the target's process, and this target runs elsewhere`)
    }
  }
}

function misplaced(message: string): HarnessError {
  return new HarnessError('ERR_SCENARIO_INVALID', message)
}
