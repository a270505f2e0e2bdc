import { mapValues } from '../event-loop/map-values.ts'
import { VirtualPort } from '../event-loop/virtual-port.ts'
import type { Running } from '../running.ts'

/** What stands for a port in a state that is sent. */
interface SentPort {
  readonly portOfThreads: number
}

/** What `setup` made, as it can be sent to a worker: ports are given by their numbers. */
export function sentState(state: unknown): unknown {
  return mapValues(state, (value) => (value instanceof VirtualPort ? { portOfThreads: value.id } : undefined))
}

/** The state in a worker, with ports of its own. */
export function receivedState(state: unknown, running: Running): unknown {
  return mapValues(state, (value) => {
    const { portOfThreads: port } = value as SentPort
    return port === undefined ? undefined : new VirtualPort(running, port)
  })
}
