import type { Socket } from 'node:net'
import { HarnessError } from '../../errors.ts'
import type { Fault } from '../../fault/fault.ts'
import type { Simulation } from '../core/simulation.ts'
import { RestartableProcess } from './restartable-process.ts'
import { scheduleFault } from './schedule-fault.ts'
import { clockOf } from './sim-clock.ts'
import { linkOf } from './socket-link.ts'

/** Whom a fault hits, and when. */
export interface OwnFaultOptions {
  /**
   * The process that is hit. For a fault of a link: only the connections that it has, as client or as server; all of the
   * schedule when left out. For the clock: the calling process when left out. A fault of the process needs it.
   */
  readonly process?: string
  /** Only this connection, by either of its sockets. */
  readonly connection?: Socket
  /** When it starts, in virtual time from now, as an event that strategies move among the others; at once when left out. */
  readonly fromMs?: number
  /** When it heals, from now; when the function is called that `sim.fault` returns, if left out. */
  readonly untilMs?: number
}

/** What starts a process of that name again; undefined for a name that no process was started by. */
export type BootOf = (name: string) => (() => void) | undefined

/** Puts a fault on the schedule and returns what heals it. Throws `ERR_USAGE` when it can hit nothing. */
export function putFault(simulation: Simulation, fault: Fault, options: OwnFaultOptions, bootOf: BootOf): () => void {
  const onset = onsetOf(simulation, fault, options, bootOf)
  const name = `${simulation.count('fault')}:${fault.name}`
  if (!simulation.takesPart(name)) return () => {}
  let heals: (() => void)[] = []
  const heal = () => {
    for (const part of heals.splice(0)) part()
  }
  const start = () => {
    heals = onset()
  }
  const { fromMs, untilMs } = options
  if (fromMs === undefined) start()
  const cancel = planned(simulation, name, fault, { fromMs, untilMs, start, heal })
  return () => {
    cancel()
    heal()
  }
}

interface Plan {
  fromMs: number | undefined
  untilMs: number | undefined
  start(): void
  heal(): void
}

/** What is still to come of it: its start and its end, only its end, or nothing. */
function planned(simulation: Simulation, name: string, fault: Fault, { fromMs, untilMs, start, heal }: Plan) {
  const { description } = fault
  if (untilMs !== undefined && !(untilMs > (fromMs ?? 0))) {
    throw new HarnessError('ERR_USAGE', `expected untilMs to be above fromMs (${fromMs ?? 0}), got ${untilMs}`)
  }
  if (fromMs !== undefined) return scheduleFault(simulation, name, { fromMs, untilMs }, { description, start, heal })
  if (untilMs === undefined) return () => {}
  return scheduleFault(
    simulation,
    name,
    { fromMs: untilMs },
    { description: `end of ${description}`, start: heal, heal },
  )
}

/** What begins the fault, and returns what heals each part of it. */
function onsetOf(simulation: Simulation, fault: Fault, options: OwnFaultOptions, bootOf: BootOf): () => (() => void)[] {
  const { onProcess, onClock, onFiles } = fault
  const { process = simulation.node.name } = options
  if (onProcess !== undefined) {
    const target = processOf(simulation, fault, options.process, bootOf)
    return () => [onProcess(target)]
  }
  if (onClock !== undefined) return () => [onClock(clockOf(simulation, process))]
  if (onFiles !== undefined) return () => [onFiles(simulation.files.faults)]
  return () => hitLinks(simulation, fault, options)
}

function processOf(simulation: Simulation, fault: Fault, name: string | undefined, bootOf: BootOf): RestartableProcess {
  const boot = name === undefined ? undefined : bootOf(name)
  if (name !== undefined && boot !== undefined) return new RestartableProcess(simulation, name, boot)
  throw new HarnessError(
    'ERR_USAGE',
    `'${fault.name}' needs the name of a process that was started with sim.process, got ${JSON.stringify(name)}; pass it as { process: … }`,
  )
}

/** Hits the connections that are meant; unless the fault is a blow of a moment, also those that are opened while it lasts. */
function hitLinks(simulation: Simulation, fault: Fault, { process, connection }: OwnFaultOptions): (() => void)[] {
  const { onLink, momentary } = fault
  if (onLink === undefined) return []
  if (connection !== undefined) {
    const link = linkOf(connection)
    return link === undefined ? [] : [onLink(link)]
  }
  const heals: (() => void)[] = []
  const stopListening = simulation.network.onLink((link) => {
    if (process === undefined || link.client.name === process || link.server.name === process) heals.push(onLink(link))
  })
  if (momentary) stopListening()
  else heals.push(stopListening)
  return heals
}
