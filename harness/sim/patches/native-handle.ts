/** What stands in for a native handle. */
interface StandIn {
  readonly keepsAlive: boolean
  setRef(isReferenced: boolean): void
  dispose(): void
}

/** Lets the methods that all native handles have work on the stand-in of a handle, where it has one. */
export function patchHandle(
  prototype: Record<string, (...args: never[]) => unknown>,
  standIns: WeakMap<object, StandIn>,
): void {
  const { close, ref, unref, hasRef } = prototype
  const replace = (name: string, real: typeof close, use: (standIn: StandIn) => unknown) => {
    prototype[name] = function (this: object, ...args: never[]) {
      const standIn = standIns.get(this)
      return standIn === undefined ? real?.apply(this, args) : use(standIn)
    }
  }
  replace('close', close, (standIn) => standIn.dispose())
  replace('ref', ref, (standIn) => standIn.setRef(true))
  replace('unref', unref, (standIn) => standIn.setRef(false))
  replace('hasRef', hasRef, (standIn) => standIn.keepsAlive)
}
