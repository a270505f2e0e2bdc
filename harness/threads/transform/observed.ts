/** What follows the plain accesses of rewritten code, while an exploration runs. */
export interface AccessWatch {
  /** The same view, or one that tells of its accesses. */
  observed(view: ArrayBufferView): ArrayBufferView
  /** A loop turns once more. */
  turn(): void
  /** Something was caught. */
  pass(): void
}

/** Where the watch is found: on the global object, since rewritten code may come with another copy of this module. */
export const watchKey: unique symbol = Symbol.for('raceproof.plain-accesses')

type Watched = typeof globalThis & { [watchKey]?: AccessWatch }

/** Stands around each object whose elements rewritten code is about to access. */
export function observed<T>(value: T): T {
  const watch = (globalThis as Watched)[watchKey]
  return watch !== undefined && ArrayBuffer.isView(value) ? (watch.observed(value) as T & ArrayBufferView) : value
}

/** Stands at the beginning of what each loop repeats. */
export function turn(): void {
  ;(globalThis as Watched)[watchKey]?.turn()
}

/** Stands at the beginning of each catch clause. */
export function pass(): void {
  ;(globalThis as Watched)[watchKey]?.pass()
}

/** Lets a watch follow rewritten code. Returns what ends that. */
export function follow(watch: AccessWatch): () => void {
  const before = (globalThis as Watched)[watchKey]
  ;(globalThis as Watched)[watchKey] = watch
  return () => {
    if (before === undefined) delete (globalThis as Watched)[watchKey]
    else (globalThis as Watched)[watchKey] = before
  }
}
