import type { Socket } from 'node:net'
import { HarnessError } from '../errors.ts'
import type { Fault, FaultableLink, FaultableProcess } from '../fault/fault.ts'
import type { PlannedFault } from '../fault/nemesis.ts'
import { nameOf, noSuchProcess } from '../fault/of-process.ts'
import type { FaultEvent } from '../history/event.ts'
import type { FaultProxy } from './proxy/fault-proxy.ts'

/** What faults can hit, for each process of the target; none where there is no such thing. */
export interface FaultTargets {
  proxies: readonly FaultProxy[]
  processes: readonly FaultableProcess[]
}

/** A fault that is on: how it heals, each part once. */
interface ActiveFault {
  fault: Fault
  /** What the record calls it. */
  name: string
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
  #isOver = false

  constructor(targets: FaultTargets, record: (event: Omit<FaultEvent, 'type' | 'timeMs'>) => void) {
    this.#targets = targets
    this.#record = record
  }

  /** Begins the storm: each planned fault starts and heals at its time. Throws at once for one that can hit nothing here. */
  start(plan: readonly PlannedFault[]): void {
    this.#isOver = false
    for (const { fault, process } of plan) this.#expectTarget(fault, process)
    for (const planned of plan) {
      this.#after(planned.fromMs, () => {
        const { fault, process } = planned
        const active = fault.target === 'process' ? this.#hitProcess(fault, process) : this.#hitLinks(planned)
        if (planned.untilMs !== undefined) this.#after(planned.untilMs - planned.fromMs, () => this.#heal(active))
      })
    }
  }

  /** Puts a fault on the link of a client's connection, at once or as soon as it is connected. Returns what heals it. */
  hitSocket(client: string, socket: Socket, fault: Fault): () => void {
    if (fault.onLink === undefined) throw misplaced(`'${fault.name}' is a fault of the process; put it on with hit()`)
    this.#expectTarget(fault, 0)
    const active = this.#switchOn(fault, [client])
    const hit = (link: FaultableLink) => {
      if (!this.#active.has(active)) return
      this.#hitLink(active, link)
      if (fault.momentary) this.#heal(active)
    }
    const whenConnected = () => {
      const proxy = this.#targets.proxies.find(({ port }) => port === socket.remotePort)
      if (proxy) active.heals.push(proxy.whenLinked(socket.localPort as number, hit))
    }
    if (socket.connecting) socket.once('connect', whenConnected)
    else if (socket.localPort !== undefined) whenConnected()
    return () => this.#heal(active)
  }

  /** Hits one process of the target, by its place from 0. Returns what heals it; when the storm is over, that is at once. */
  hitProcess(fault: Fault, process: number): () => void {
    this.#expectTarget(fault, process)
    if (fault.onProcess === undefined) {
      throw misplaced(`hit() expects a fault of the process, such as kill(); '${fault.name}' is one of a link`)
    }
    const active = this.#hitProcess(fault, process)
    // Nobody would heal it before the next round, which needs the process from its first call on.
    if (this.#isOver) this.#heal(active)
    return () => this.#heal(active)
  }

  /** Ends the storm: nothing starts any more, and everything that is on heals. */
  healAll(): void {
    this.#isOver = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers = []
    for (const active of [...this.#active]) this.#heal(active)
  }

  #hitProcess(fault: Fault, place: number): ActiveFault {
    const { processes } = this.#targets
    const active = this.#switchOn(fault, ['target'], nameOf(fault, place, processes.length))
    const process = processes[place]
    if (process && fault.onProcess) active.heals.push(fault.onProcess(process))
    return active
  }

  /** Hits every link of these clients, and those that they open while the fault lasts. */
  #hitLinks({ fault, clients }: PlannedFault): ActiveFault {
    const active = this.#switchOn(fault, clients === 'all' ? ['all'] : [...clients])
    const hit = new Set<FaultableLink>()
    const listener = (link: FaultableLink, client: string | null) => {
      const meant = clients === 'all' || (client !== null && clients.has(client))
      if (!meant || hit.has(link)) return
      hit.add(link)
      this.#hitLink(active, link)
    }
    active.heals.push(...this.#targets.proxies.map((proxy) => proxy.onLink(listener)))
    return active
  }

  #hitLink(active: ActiveFault, link: FaultableLink): void {
    if (active.fault.onLink) active.heals.push(active.fault.onLink(link))
  }

  #switchOn(fault: Fault, scopes: string[], name = fault.description): ActiveFault {
    const active: ActiveFault = { fault, name, scopes, heals: [] }
    this.#active.add(active)
    for (const scope of scopes) this.#record({ fault: name, action: 'start', scope })
    return active
  }

  #heal(active: ActiveFault): void {
    if (!this.#active.delete(active)) return
    for (const heal of active.heals) heal()
    for (const scope of active.scopes) this.#record({ fault: active.name, action: 'heal', scope })
  }

  #after(delayMs: number, action: () => void): void {
    this.#timers.push(setTimeout(action, delayMs))
  }

  #expectTarget({ name, target }: Fault, process: number): void {
    if (target === 'clock' || target === 'files') {
      const what = target === 'clock' ? 'clock' : 'disk'
      throw new HarnessError(
        'ERR_WORLD_UNSUPPORTED',
        `'${name}' needs a ${what} that the harness controls, and the live target has the machine's; run it with --world sim`,
      )
    }
    const { proxies, processes } = this.#targets
    if (target === 'link' && proxies.length === 0) {
      throw misplaced(`'${name}' needs a connection, and the target speaks stdio only`)
    }
    if (target !== 'process') return
    if (processes.length === 0) throw misplaced(`'${name}' needs the target's process, and this target runs elsewhere`)
    if (process >= processes.length) throw misplaced(noSuchProcess(name, process, processes.length))
  }
}

function misplaced(message: string): HarnessError {
  return new HarnessError('ERR_SCENARIO_INVALID', message)
}
