import type { Socket } from 'node:net'
import { HarnessError } from '../errors.ts'
import {
  type ActiveFault,
  ActiveFaults,
  expectLinkFault,
  expectTargetFault,
  misplaced,
  type RecordFault,
} from '../fault/active-faults.ts'
import type { Fault, FaultableLink, FaultableProcess } from '../fault/fault.ts'
import type { PlannedFault } from '../fault/nemesis.ts'
import { nameOf, noSuchProcess } from '../fault/of-process.ts'
import type { FaultProxy } from './proxy/fault-proxy.ts'

/** What faults can hit, for each process of the target; none where there is no such thing. */
export interface FaultTargets {
  proxies: readonly FaultProxy[]
  processes: readonly FaultableProcess[]
}

/**
 * The faults of a storm: those that the nemeses planned, and those that the script itself asks for. Every start and
 * every heal is recorded, and {@link healAll} heals whatever is still on.
 */
export class StormFaults {
  readonly #targets: FaultTargets
  readonly #active: ActiveFaults
  #timers: NodeJS.Timeout[] = []
  #isOver = false

  constructor(targets: FaultTargets, record: RecordFault) {
    this.#targets = targets
    this.#active = new ActiveFaults(record)
  }

  /** Begins the storm: each planned fault starts and heals at its time. Throws at once for one that can hit nothing here. */
  start(plan: readonly PlannedFault[]): void {
    this.#isOver = false
    for (const { fault, process } of plan) this.#expectTarget(fault, process)
    for (const planned of plan) {
      this.#after(planned.fromMs, () => {
        const { fault, process } = planned
        const active = fault.target === 'process' ? this.#hitProcess(fault, process) : this.#hitLinks(planned)
        if (planned.untilMs !== undefined)
          this.#after(planned.untilMs - planned.fromMs, () => this.#active.heal(active))
      })
    }
  }

  /** Puts a fault on the link of a client's connection, at once or as soon as it is connected. Returns what heals it. */
  hitSocket(client: string, socket: Socket, fault: Fault): () => void {
    expectLinkFault(fault)
    this.#expectTarget(fault, 0)
    const active = this.#active.switchOn(fault, [client])
    const hit = (link: FaultableLink) => this.#active.hitOnlyLink(active, link)
    const whenConnected = () => {
      const proxy = this.#targets.proxies.find(({ port }) => port === socket.remotePort)
      if (proxy) active.heals.push(proxy.whenLinked(socket.localPort as number, hit))
    }
    if (socket.connecting) socket.once('connect', whenConnected)
    else if (socket.localPort !== undefined) whenConnected()
    return () => this.#active.heal(active)
  }

  /** Hits one process of the target, by its place from 0. Returns what heals it; when the storm is over, that is at once. */
  hitProcess(fault: Fault, process: number): () => void {
    expectTargetFault(fault)
    this.#expectTarget(fault, process)
    const active = this.#hitProcess(fault, process)
    // Nobody would heal it before the next round, which needs the process from its first call on.
    if (this.#isOver) this.#active.heal(active)
    return () => this.#active.heal(active)
  }

  /** Ends the storm: nothing starts any more, and everything that is on heals. */
  healAll(): void {
    this.#isOver = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers = []
    this.#active.healAll()
  }

  #hitProcess(fault: Fault, place: number): ActiveFault {
    const { processes } = this.#targets
    const active = this.#active.switchOn(fault, ['target'], nameOf(fault, place, processes.length))
    const process = processes[place]
    if (process && fault.onProcess) active.heals.push(fault.onProcess(process))
    return active
  }

  /** Hits every link of these clients, and those that they open while the fault lasts. */
  #hitLinks({ fault, clients }: PlannedFault): ActiveFault {
    const active = this.#active.switchOn(fault, clients === 'all' ? ['all'] : [...clients])
    const hit = new Set<FaultableLink>()
    const listener = (link: FaultableLink, client: string | null) => {
      const meant = clients === 'all' || (client !== null && clients.has(client))
      if (!meant || hit.has(link)) return
      hit.add(link)
      this.#active.hitLink(active, link)
    }
    active.heals.push(...this.#targets.proxies.map((proxy) => proxy.onLink(listener)))
    return active
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
