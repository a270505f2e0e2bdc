import { anything, impossible, type Model, model } from '../../../model.ts'
import { amountIn, fieldIn, keyIn } from './inputs.ts'

interface LockOperations {
  acquire(input: unknown): unknown
  tryAcquire(input: unknown): boolean
  release(input: unknown): unknown
}

/**
 * Held or free, free at first. `acquire()` returns when it has got the lock, `tryAcquire()` → whether it has,
 * `release()` by whoever it is. Who holds it does not matter here: see `reentrant-lock`.
 */
export const mutex = model<LockOperations, boolean>({
  name: 'mutex',
  init: false,
  partition: keyIn,
  apply: {
    acquire: (held) => (held ? impossible : [anything, true]),
    tryAcquire: (held) => [!held, true],
    release: (held) => (held ? [anything, false] : impossible),
  },
  readOnly: ({ f, output }) => f === 'tryAcquire' && output === false,
})

interface Holding {
  owner: unknown
  depth: number
}

/**
 * A lock that its owner may take again, and must release as often. The owner is the client, or `owner` in the input.
 * `acquire()`, `tryAcquire()` → boolean, `release()` by the owner only.
 */
export const reentrantLock = model<LockOperations, Holding | null>({
  name: 'reentrant-lock',
  init: null,
  partition: keyIn,
  byClient: true,
  apply: {
    acquire: (holding, input, client) => {
      const taken = taking(holding, ownerOf(input, client))
      return taken === null ? impossible : [anything, taken]
    },
    tryAcquire: (holding, input, client) => {
      const taken = taking(holding, ownerOf(input, client))
      return taken === null ? [false, holding] : [true, taken]
    },
    release: (holding, input, client) => {
      if (holding === null || holding.owner !== ownerOf(input, client)) return impossible
      return [anything, holding.depth === 1 ? null : { ...holding, depth: holding.depth - 1 }]
    },
  },
  readOnly: ({ f, output }) => f === 'tryAcquire' && output === false,
})

function taking(holding: Holding | null, owner: unknown): Holding | null {
  if (holding === null) return { owner, depth: 1 }
  return holding.owner === owner ? { owner, depth: holding.depth + 1 } : null
}

function ownerOf(input: unknown, client: string): unknown {
  return fieldIn(input, 'owner') ?? client
}

/**
 * So many permits, all free at first. `acquire(count = 1)` returns when it has them, `tryAcquire(count = 1)` → whether
 * it has, `release(count = 1)`; never more are free than there are.
 */
export function semaphore(permits: number): Model {
  return model<LockOperations, number>({
    name: permits === 1 ? 'semaphore' : `semaphore:${permits}`,
    init: permits,
    partition: keyIn,
    apply: {
      acquire: (free, input) => (free < amountIn(input) ? impossible : [anything, free - amountIn(input)]),
      tryAcquire: (free, input) => (free < amountIn(input) ? [false, free] : [true, free - amountIn(input)]),
      release: (free, input) => (free + amountIn(input) > permits ? impossible : [anything, free + amountIn(input)]),
    },
    readOnly: ({ f, output }) => f === 'tryAcquire' && output === false,
  })
}
