import type { Simulation } from '../core/simulation.ts'
import { isProcessExit } from '../patches/process-exit.ts'

type Listener = (...args: unknown[]) => void

/**
 * What a process says of its own troubles; and `newListener`, by which Node itself would begin to listen for real signals as
 * soon as the code under test does.
 */
const troubles = ['uncaughtException', 'unhandledRejection', 'rejectionHandled', 'warning', 'newListener'] as const

/**
 * While a schedule runs, the process's listeners are the schedule's own: errors of the code under test become findings,
 * and never reach the test runner around it. Listeners that the code under test adds are called too, and removed at
 * the end. The same goes for the exit code that it sets. Returns what puts everything back.
 */
export function takeListeners(simulation: Simulation): () => void {
  const outer = troubles.map((event) => [event, process.listeners(event as never) as Listener[]] as const)
  const known = new Map<string | symbol, ReadonlySet<unknown>>()
  const { exitCode } = process
  process.exitCode = undefined
  for (const event of troubles) process.removeAllListeners(event)
  process.on('uncaughtException', (thrown, origin) => report(simulation, thrown, origin))
  process.on('unhandledRejection', (reason) => report(simulation, reason, 'unhandledRejection'))
  process.on('warning', () => {})
  process.on('newListener', (event) => {
    // Told before the listener is there: what is there now is not the schedule's.
    if (!known.has(event)) known.set(event, new Set(process.rawListeners(event as never)))
  })
  return () => {
    for (const [event, listeners] of known) removeNew(event, listeners)
    for (const [event, listeners] of outer) restore(event, listeners)
    process.exitCode = exitCode
  }
}

function report(simulation: Simulation, thrown: unknown, origin: string): void {
  // Leaving the code that called process.exit is no error of its own.
  if (isProcessExit(thrown)) return
  const kind = origin === 'unhandledRejection' ? 'unhandled-rejection' : 'uncaught-exception'
  simulation.find(kind, describe(thrown), thrown)
}

/** `TypeError: x is not a function`, with what caused it, or the value itself when no error was thrown. */
export function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const { name, message, cause } = thrown
  return `${name}: ${message}${cause instanceof Error ? ` (${cause.name}: ${cause.message})` : ''}`
}

function removeNew(event: string | symbol, known: ReadonlySet<unknown>): void {
  for (const listener of process.rawListeners(event as never)) {
    if (!known.has(listener)) process.removeListener(event, listener as Listener)
  }
}

function restore(event: (typeof troubles)[number], listeners: readonly Listener[]): void {
  process.removeAllListeners(event)
  for (const listener of listeners) process.on(event as never, listener)
}
