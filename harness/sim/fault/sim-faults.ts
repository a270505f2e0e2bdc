import type { Socket } from 'node:net'
import { HarnessError } from '../../errors.ts'
import type { Fault, FaultableClock, FaultableFiles, FaultableProcess } from '../../fault/fault.ts'
import type { PlannedFault } from '../../fault/nemesis.ts'
import { nameOf, noSuchProcess } from '../../fault/of-process.ts'
import type { FaultEvent } from '../../history/event.ts'
import type { SimNode } from '../core/node.ts'
import type { Simulation } from '../core/simulation.ts'
import type { SimLink } from '../net/sim-link.ts'
import { scheduleFault } from './schedule-fault.ts'
import { linkOf } from './socket-link.ts'

/** One process of the target, as far as faults can hit it; null where there is no such thing. */
export interface SimFaultProcess {
  readonly process: FaultableProcess | null
  readonly clock: FaultableClock | null
}

/** What faults can hit; null where there is no such thing. */
export interface SimFaultTargets {
  readonly processes: readonly SimFaultProcess[]
  readonly files: FaultableFiles | null
  /** Whether the connections that a process makes are those of a client of the scenario; its name is the client's. */
  isClient(node: SimNode): boolean
}

/** A fault that is on: how it heals, each part once. */
interface ActiveFault {
  readonly fault: Fault
  /** What the record calls it. */
  readonly name: string
  readonly scopes: readonly string[]
  readonly heals: (() => void)[]
}

/**
 * The faults of a storm in the simulated world: those that the nemeses planned, as events of the schedule, and those that the
 * script itself asks for, at once. Every start and every heal is told, and {@link healAll} heals whatever is still on.
 */
export class SimFaults {
  readonly #simulation: Simulation
  readonly #targets: SimFaultTargets
  readonly #record: (event: Omit<FaultEvent, 'type' | 'timeMs'>) => void
  readonly #active = new Set<ActiveFault>()
  #planned: (() => void)[] = []

  constructor(
    simulation: Simulation,
    targets: SimFaultTargets,
    record: (event: Omit<FaultEvent, 'type' | 'timeMs'>) => void,
  ) {
    this.#simulation = simulation
    this.#targets = targets
    this.#record = record
  }

  /** Begins the storm: each planned fault starts and heals at its time. Throws at once for one that can hit nothing here. */
  start(plan: readonly PlannedFault[]): void {
    for (const { fault, process } of plan) this.#expectTarget(fault, process)
    for (const planned of plan) this.#plan(planned)
  }

  /** Puts a fault on the link of a client's connection, at once or as soon as it is connected. */
  hitSocket(client: string, socket: Socket, fault: Fault): () => void {
    if (fault.onLink === undefined) {
      throw misplaced(`'${fault.name}' is no fault of a link; put it on with hit(), or as a nemesis`)
    }
    const active = this.#switchOn(fault, [client])
    const whenConnected = () => {
      const link = linkOf(socket)
      if (link === undefined || !this.#active.has(active)) return
      this.#hitLink(active, link)
      if (fault.momentary) this.#heal(active)
    }
    if (socket.connecting) socket.once('connect', whenConnected)
    else whenConnected()
    return () => this.#heal(active)
  }

  /** Hits one process of the target, by its place from 0, its clock, or the disk that all of them share. Returns what heals it. */
  hitProcess(fault: Fault, process: number): () => void {
    if (fault.target === 'link') {
      throw misplaced(`hit() expects a fault of the process, such as kill(); '${fault.name}' is one of a link`)
    }
    this.#expectTarget(fault, process)
    const active = this.#hitTarget(fault, process)
    return () => this.#heal(active)
  }

  /** Ends the storm: nothing starts any more, and everything that is on heals. */
  healAll(): void {
    for (const cancel of this.#planned) cancel()
    this.#planned = []
    for (const active of [...this.#active]) this.#heal(active)
  }

  #plan({ name, fault, fromMs, untilMs, clients, process }: PlannedFault): void {
    let active: ActiveFault | undefined
    const cancel = scheduleFault(
      this.#simulation,
      name,
      { fromMs, untilMs },
      {
        description: fault.description,
        start: () => {
          active = fault.target === 'link' ? this.#hitLinks(fault, clients) : this.#hitTarget(fault, process)
        },
        heal: () => {
          if (active !== undefined) this.#heal(active)
        },
      },
    )
    this.#planned.push(cancel)
  }

  #hitTarget(fault: Fault, place: number): ActiveFault {
    const { processes, files } = this.#targets
    // The disk is that of the machine.
    const name = fault.target === 'files' ? fault.description : nameOf(fault, place, processes.length)
    const active = this.#switchOn(fault, ['target'], name)
    const { process, clock } = processes[place] as SimFaultProcess
    if (process && fault.onProcess) active.heals.push(fault.onProcess(process))
    if (clock && fault.onClock) active.heals.push(fault.onClock(clock))
    if (files && fault.onFiles) active.heals.push(fault.onFiles(files))
    return active
  }

  /** Hits every link of these clients, and those that they open while the fault lasts. */
  #hitLinks(fault: Fault, clients: PlannedFault['clients']): ActiveFault {
    const active = this.#switchOn(fault, clients === 'all' ? ['all'] : [...clients])
    const stopListening = this.#simulation.network.onLink((link) => {
      const isMeant = clients === 'all' || clients.has(link.client.name)
      if (isMeant && this.#targets.isClient(link.client)) this.#hitLink(active, link)
    })
    active.heals.push(stopListening)
    return active
  }

  #hitLink(active: ActiveFault, link: SimLink): void {
    if (active.fault.onLink) active.heals.push(active.fault.onLink(link))
  }

  #switchOn(fault: Fault, scopes: readonly string[], name = fault.description): ActiveFault {
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

  #expectTarget({ name, target }: Fault, place: number): void {
    const { processes, files } = this.#targets
    const hit = processes[place]
    if (hit === undefined) throw misplaced(noSuchProcess(name, place, processes.length))
    if (target === 'process' && hit.process === null) {
      throw misplaced(`'${name}' needs the target's process, and this target has none`)
    }
    if (target === 'clock' && hit.clock === null) {
      throw misplaced(`'${name}' needs the clock of the target's process, and this target has none`)
    }
    if (target === 'files' && files === null) {
      throw misplaced(`'${name}' needs the target's disk, and this target has none`)
    }
  }
}

function misplaced(message: string): HarnessError {
  return new HarnessError('ERR_SCENARIO_INVALID', message)
}
