import type { Operation } from '../operation.ts'
import type { Strategy } from './strategy.ts'

/** Every order, one after another, without any reduction: what cleverer searches are measured against. */
export function everyOrder(): Strategy {
  const path: { threads: number[]; next: number }[] = []
  let depth = 0
  return {
    name: 'every-order',
    begin() {
      depth = 0
    },
    pick(enabled) {
      path[depth] ??= { threads: enabled.map(({ thread }) => thread), next: 0 }
      const node = path[depth++]!
      return enabled.find(({ thread }) => thread === node.threads[node.next]) as Operation
    },
    end() {
      while (path.length > 0) {
        const last = path[path.length - 1]!
        if (++last.next < last.threads.length) return true
        path.pop()
      }
      return false
    },
  }
}
