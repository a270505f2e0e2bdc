import type { Simulation } from './core/simulation.ts'
import { ListenHandle } from './net/listen-handle.ts'
import type { SocketHandle } from './net/socket-handle.ts'

/** Something that the code under test opened and never closed. */
export interface SimLeftover {
  readonly kind: 'connection' | 'server' | 'timer' | 'immediate'
  /** What it is, such as `c1 client 127.0.0.1:40001 → 127.0.0.1:8080`. */
  readonly what: string
  /** The process that holds it. */
  readonly node: string
}

/** What is open or armed now. Timers that keep nothing alive are not counted: a real process would end with them. */
export function leftoversOf(simulation: Simulation): SimLeftover[] {
  const handles = simulation.network.open.map((handle): SimLeftover => {
    const { name } = handle.node
    return handle instanceof ListenHandle
      ? {
          kind: 'server',
          what: `listening on ${'path' in handle.local ? handle.local.path : handle.local.port}`,
          node: name,
        }
      : { kind: 'connection', what: connection(handle), node: name }
  })
  return [...handles, ...armed(simulation)]
}

function connection({ id, local, remote }: SocketHandle): string {
  if (local === undefined || remote === undefined) return id
  return `${id} ${local.address}:${local.port} → ${remote.address}:${remote.port}`
}

function armed(simulation: Simulation): SimLeftover[] {
  return [...simulation.waiting()].flatMap(({ lane, ref, key, readyMs }): SimLeftover[] => {
    if (!ref || (lane.kind !== 'timer' && lane.kind !== 'immediate')) return []
    return [{ kind: lane.kind, what: `${key}, due at ${readyMs} ms`, node: lane.node.name }]
  })
}
