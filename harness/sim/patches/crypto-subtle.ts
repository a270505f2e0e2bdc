import crypto from 'node:crypto'
import { active } from '../active.ts'
import type { Simulation } from '../core/simulation.ts'
import { refuseUse } from '../refuse.ts'
import { type Twin, twinOf } from './crypto-subtle-twins.ts'

type Operation = (this: object, ...args: unknown[]) => Promise<unknown>

const operations = [
  'digest',
  'sign',
  'verify',
  'encrypt',
  'decrypt',
  'deriveBits',
  'deriveKey',
  'generateKey',
  'exportKey',
]

/** What Node composes of several operations. */
const composed = ['wrapKey', 'unwrapKey', 'encapsulateKey', 'encapsulateBits', 'decapsulateKey', 'decapsulateBits']

/**
 * `crypto.subtle`. Inside a schedule a job ends each operation, with what the synchronous functions of `node:crypto` give
 * for it; an operation that those cannot do, or not without drawing from the machine, is refused. `importKey` needs no other
 * thread, and is Node's own. So are calls with a wrong key or algorithm: they reject in a tick.
 */
export function patchCryptoSubtle(): void {
  const { subtle } = crypto.webcrypto
  const prototype = Object.getPrototypeOf(subtle) as Record<string, Operation | undefined>
  for (const name of [...operations, ...composed]) {
    const real = prototype[name]
    if (real !== undefined) prototype[name] = withTwin(name, real)
  }
}

function withTwin(name: string, real: Operation): Operation {
  const replacement: Operation = function (...args) {
    const { current } = active
    if (current === undefined) return real.apply(this, args)
    const twin = twinOf(name, args)
    if (twin === 'real') return real.apply(this, args)
    if (twin === 'none') return refuseUse(current, `subtle.${name} with ${algorithmOf(args)}`, 'subtle')
    return byJob(current, name, twin)
  }
  return Object.defineProperty(replacement, 'name', { value: name })
}

function byJob(simulation: Simulation, name: string, work: Exclude<Twin, string>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    simulation.pushJob('crypto', `subtle.${name}`, () => {
      try {
        resolve(work())
      } catch (cause) {
        reject(
          Object.assign(new DOMException('The operation failed for an operation-specific reason', 'OperationError'), {
            cause,
          }),
        )
      }
    })
  })
}

function algorithmOf(args: readonly unknown[]): string {
  for (const arg of args) {
    if (typeof arg === 'string') return arg
    const { name } = (arg ?? {}) as { name?: unknown }
    if (typeof name === 'string') return name
  }
  return 'these arguments'
}
