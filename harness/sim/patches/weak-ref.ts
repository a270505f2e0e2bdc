import { active } from '../active.ts'
import type { Simulation } from '../core/simulation.ts'

/**
 * `WeakRef`. When an object is collected depends on the memory of the machine, so inside a schedule nothing is: what a
 * reference is made to, or gives, stays for the rest of the schedule.
 */
export function patchWeakRef(): void {
  const kept = new WeakMap<Simulation, Set<WeakKey>>()
  const keep = (target: WeakKey | undefined) => {
    const { current } = active
    if (current === undefined || target === undefined) return
    const targets = kept.get(current)
    if (targets === undefined) kept.set(current, new Set([target]))
    else targets.add(target)
  }
  const RealWeakRef = globalThis.WeakRef
  const { deref } = RealWeakRef.prototype
  RealWeakRef.prototype.deref = function () {
    const target = deref.call(this)
    keep(target)
    return target
  }
  globalThis.WeakRef = new Proxy(RealWeakRef, {
    construct(real, args, newTarget) {
      const reference = Reflect.construct(real, args, newTarget)
      keep(args[0])
      return reference
    },
  })
  // Node's own subclasses and `constructor` checks see one class.
  RealWeakRef.prototype.constructor = globalThis.WeakRef
}
