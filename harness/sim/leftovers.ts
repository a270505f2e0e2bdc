import type { Holding } from './core/ledger.ts'
import type { Simulation } from './core/simulation.ts'
import { ListenHandle } from './net/listen-handle.ts'
import type { SocketHandle } from './net/socket-handle.ts'

/** Something that the code under test opened and never closed. */
export interface SimLeftover {
  readonly kind: 'connection' | 'server' | 'timer' | 'immediate' | 'listener' | Holding['kind']
  /** What it is, such as `c1 client 127.0.0.1:40001 → 127.0.0.1:8080`. */
  readonly what: string
  /** The process that holds it. */
  readonly node: string
  /** `file:line` of what opened it, and when in virtual time; only of schedules that were run with `places`. */
  readonly place?: string
  readonly openedAtMs?: number
}

/** What is open or armed now. Timers that keep nothing alive are not counted: a real process would end with them. */
export function leftoversOf(simulation: Simulation): SimLeftover[] {
  return [...connected(simulation), ...held(simulation), ...armed(simulation), ...listening(simulation)]
}

function connected({ network, openings }: Simulation): SimLeftover[] {
  return network.open.map((handle) => {
    const isServer = handle instanceof ListenHandle
    return {
      kind: isServer ? 'server' : 'connection',
      what: isServer ? `listening on ${'path' in handle.local ? handle.local.path : handle.local.port}` : ends(handle),
      node: handle.node.name,
      ...openings.of(handle),
    }
  })
}

function held({ ledger, openings }: Simulation): SimLeftover[] {
  return ledger.open
    .filter(({ isLeftover }) => isLeftover)
    .map((holding) => ({
      kind: holding.kind,
      what: holding.what,
      node: holding.node.name,
      ...openings.of(holding),
    }))
}

function ends({ id, local, remote }: SocketHandle): string {
  if (local === undefined || remote === undefined) return id
  return `${id} ${local.address}:${local.port} → ${remote.address}:${remote.port}`
}

function armed(simulation: Simulation): SimLeftover[] {
  const left: SimLeftover[] = []
  for (const event of simulation.waiting()) {
    const { kind, node } = event.lane
    if (!event.ref || (kind !== 'timer' && kind !== 'immediate')) continue
    // The timers of a child process are its own affair; that it still runs is what is left.
    if (simulation.processes.childAt(node) !== undefined) continue
    const what = `${event.key}, due at ${event.readyMs} ms`
    left.push({ kind, what, node: node.name, ...simulation.openings.of(event.resource) })
  }
  return left
}

function listening({ processes, openings }: Simulation): SimLeftover[] {
  return processes.listeners.repeated().map(({ event, node, count, last }) => ({
    kind: 'listener',
    what: `process.on(${JSON.stringify(String(event))}) ${count} times with the same code`,
    node: node.name,
    ...openings.of(last),
  }))
}
