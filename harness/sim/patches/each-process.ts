import { active } from '../active.ts'
import type { SimNode } from '../core/node.ts'

/** What the process has whose code runs now, made when it is first asked for; outside of schedules the one that is given. */
export function ofEachProcess<T extends object>(outside: T, make: () => T): () => T {
  const made = new WeakMap<SimNode, T>()
  return () => {
    if (active.current === undefined) return outside
    const { node } = active.current
    const own = made.get(node) ?? make()
    made.set(node, own)
    return own
  }
}
