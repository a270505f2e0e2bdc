import type { LockProbe } from '../../probe.ts'

/**
 * What a worker's code has made known between two operations: what a lock said of itself, shared memory that it has made,
 * which comes through a port, or something that concerns only those who start the workers.
 */
export type Note = { readonly lock: LockProbe } | { readonly made: 'shared memory' } | { readonly own: unknown }
