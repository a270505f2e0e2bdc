import type { Model } from '../../model.ts'
import { kvAppend, listAppend } from './models/appends.ts'
import { map, queue, set, stack } from './models/collections.ts'
import { counter, fetchAdd } from './models/counters.ts'
import { mutex, reentrantLock, semaphore } from './models/locks.ts'
import { casRegister, register, versionedRegister } from './models/registers.ts'
import { sessionRegistry } from './models/session-registry.ts'

/** The ready models by name. README.md of this folder lists their operations. */
export const models = {
  register,
  'cas-register': casRegister,
  'versioned-register': versionedRegister,
  counter,
  'fetch-add': fetchAdd,
  set,
  map,
  queue,
  stack,
  mutex,
  'reentrant-lock': reentrantLock,
  semaphore: semaphore(1),
  'list-append': listAppend,
  'kv-append': kvAppend,
  'session-registry': sessionRegistry,
} as const satisfies Record<string, Model>

/** The ready model of that name, or undefined. `semaphore:5` is a semaphore of 5 permits. */
export function modelNamed(name: string): Model | undefined {
  const permits = /^semaphore:([1-9]\d*)$/.exec(name)?.[1]
  if (permits !== undefined) return semaphore(Number(permits))
  return Object.hasOwn(models, name) ? models[name as keyof typeof models] : undefined
}
