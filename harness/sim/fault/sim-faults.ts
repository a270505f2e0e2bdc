import type { Socket } from 'node:net'
import {
  type ActiveFault,
  ActiveFaults,
  expectLinkFault,
  expectTargetFault,
  misplaced,
  type RecordFault,
} from '../../fault/active-faults.ts'
import type { Fault, FaultableClock, FaultableFiles, FaultableProcess } from '../../fault/fault.ts'
import type { PlannedFault } from '../../fault/nemesis.ts'
import { nameOf, noSuchProcess } from '../../fault/of-process.ts'
import type { SimNode } from '../core/node.ts'
import type { Simulation } from '../core/simulation.ts'
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

/**
 * The faults of a storm in the simulated world: those that the nemeses planned, as events of the schedule, and those that the
 * script itself asks for, at once. Every start and every heal is told, and {@link healAll} heals whatever is still on.
 */
export class SimFaults {
  readonly #simulation: Simulation
  readonly #targets: SimFaultTargets
  readonly #active: ActiveFaults
  #planned: (() => void)[] = []

  constructor(simulation: Simulation, targets: SimFaultTargets, record: RecordFault) {
    this.#simulation = simulation
    this.#targets = targets
    this.#active = new ActiveFaults(record)
  }

  /** Begins the storm: each planned fault starts and heals at its time. Throws at once for one that can hit nothing here. */
  start(plan: readonly PlannedFault[]): void {
    for (const { fault, process } of plan) this.#expectTarget(fault, process)
    for (const planned of plan) this.#plan(planned)
  }

  /** Puts a fault on the link of a client's connection, at once or as soon as it is connected. */
  hitSocket(client: string, socket: Socket, fault: Fault): () => void {
    expectLinkFault(fault)
    const active = this.#active.switchOn(fault, [client])
    const whenConnected = () => {
      const link = linkOf(socket)
      if (link !== undefined) this.#active.hitOnlyLink(active, link)
    }
    if (socket.connecting) socket.once('connect', whenConnected)
    else whenConnected()
    return () => this.#active.heal(active)
  }

  /** Hits one process of the target, by its place from 0, its clock, or the disk that all of them share. Returns what heals it. */
  hitProcess(fault: Fault, process: number): () => void {
    expectTargetFault(fault)
    this.#expectTarget(fault, process)
    const active = this.#hitTarget(fault, process)
    return () => this.#active.heal(active)
  }

  /** Ends the storm: nothing starts any more, and everything that is on heals. */
  healAll(): void {
    for (const cancel of this.#planned) cancel()
    this.#planned = []
    this.#active.healAll()
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
          if (active !== undefined) this.#active.heal(active)
        },
      },
    )
    this.#planned.push(cancel)
  }

  #hitTarget(fault: Fault, place: number): ActiveFault {
    const { processes, files } = this.#targets
    // The disk is that of the machine.
    const name = fault.target === 'files' ? fault.description : nameOf(fault, place, processes.length)
    const active = this.#active.switchOn(fault, ['target'], name)
    const { process, clock } = processes[place] as SimFaultProcess
    if (process && fault.onProcess) active.heals.push(fault.onProcess(process))
    if (clock && fault.onClock) active.heals.push(fault.onClock(clock))
    if (files && fault.onFiles) active.heals.push(fault.onFiles(files))
    return active
  }

  /** Hits every link of these clients, and those that they open while the fault lasts. */
  #hitLinks(fault: Fault, clients: PlannedFault['clients']): ActiveFault {
    const active = this.#active.switchOn(fault, clients === 'all' ? ['all'] : [...clients])
    const stopListening = this.#simulation.network.onLink((link) => {
      const isMeant = clients === 'all' || clients.has(link.client.name)
      if (isMeant && this.#targets.isClient(link.client)) this.#active.hitLink(active, link)
    })
    active.heals.push(stopListening)
    return active
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
