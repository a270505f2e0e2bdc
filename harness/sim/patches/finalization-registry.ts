import { active } from '../active.ts'

/**
 * `FinalizationRegistry`. When an object is collected depends on the memory of the machine, so callbacks never run inside a
 * schedule; and what is registered there is not registered at all, lest they run in the next one, or between the two.
 */
export function patchFinalizationRegistry(): void {
  const { prototype } = globalThis.FinalizationRegistry
  const { register, unregister } = prototype
  const forgotten = new WeakMap<object, WeakSet<WeakKey>>()
  prototype.register = function (target, held, token) {
    // The real method judges wrong arguments.
    if (active.current === undefined || !isWeakKey(target) || target === held)
      return register.call(this, target, held, token)
    if (token === undefined) return
    const tokens = forgotten.get(this) ?? new WeakSet()
    forgotten.set(this, tokens.add(token))
  }
  prototype.unregister = function (token) {
    const wasForgotten = isWeakKey(token) && (forgotten.get(this)?.delete(token) ?? false)
    return unregister.call(this, token) || wasForgotten
  }
}

function isWeakKey(target: unknown): target is WeakKey {
  return (typeof target === 'object' && target !== null) || typeof target === 'function'
}
