import { HarnessError } from '../errors.ts'
import { active } from './active.ts'
import type { Simulation } from './core/simulation.ts'
import { type RefusedKey, refused } from './refused.ts'

/**
 * Refuses what cannot be simulated: a finding of the schedule, and an error at the call, rather than a wait for something
 * that never comes. The message says what was asked for, why it is not there, and what to do.
 */
export function refuse(simulation: Simulation, message: string): never {
  const error = new HarnessError('ERR_WORLD_UNSUPPORTED', message)
  simulation.find('refused', message, error)
  throw error
}

/** Refuses a use of something in the table of what cannot be simulated; `use` says which, such as `tls.connect`. */
export function refuseUse(simulation: Simulation, use: string, key: RefusedKey): never {
  const { reason, instead } = refused[key]
  return refuse(simulation, `${use} cannot be simulated: ${reason}; ${instead}`)
}

type AnyFunction = (...args: unknown[]) => unknown

/**
 * Replaces functions and classes of a module by ones that refuse to be used inside a schedule. Outside they are the real
 * ones, properties included. A name that this version of Node does not have is passed over.
 */
export function refuseCalls(owner: object, title: string, names: readonly string[], key: RefusedKey): void {
  const members = owner as Record<string, unknown>
  for (const name of names) {
    if (typeof members[name] === 'function')
      members[name] = refusing(members[name] as AnyFunction, `${title}.${name}`, key)
  }
}

function refusing(real: AnyFunction, use: string, key: RefusedKey): AnyFunction {
  const check = () => {
    if (active.current !== undefined) refuseUse(active.current, use, key)
  }
  return new Proxy(real, {
    apply(target, receiver, args) {
      check()
      return Reflect.apply(target, receiver, args)
    },
    construct(target, args, newTarget) {
      check()
      return Reflect.construct(target, args, newTarget)
    },
  })
}
