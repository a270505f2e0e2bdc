import { active } from '../active.ts'
import { statArray, textOf } from '../fs/operations.ts'
import { StatPoll } from '../fs/stat-poll.ts'
import { watcherClasses } from '../node-internals.ts'
import { patchHandle } from './native-handle.ts'

interface StatWatcher {
  onchange(status: number, stats: Float64Array | BigInt64Array): void
}

/** The native handle under `fs.watchFile`. */
export function patchFsWatchFile(): void {
  const { prototype } = watcherClasses().stat
  const polls = new WeakMap<object, StatPoll>()
  const { start, unref, close } = prototype
  prototype.start = function (this: StatWatcher, ...args: never[]) {
    const { current } = active
    if (current === undefined) return start?.apply(this, args)
    const [path, intervalMs] = args as unknown as [string | Buffer, number]
    // The native one has begun nothing, but Node's loop would wait for it.
    unref?.apply(this)
    close?.apply(this)
    const tell = (status: number, now: readonly number[], before: readonly number[]) => {
      this.onchange(status, statArray([...now, ...before], isBig(this)))
    }
    active.standIns.add(this)
    polls.set(this, new StatPoll(current, { path: textOf(path), intervalMs, tell }))
    return 0
  }
  patchHandle(prototype, polls)
}

/** Whether figures were asked for as bigints; Node's watcher above the handle knows. */
function isBig(handle: StatWatcher): boolean {
  const owner = Object.getOwnPropertySymbols(handle).find(({ description }) => description === 'owner_symbol')
  const watcher = owner && (handle as unknown as Record<symbol, object>)[owner]
  if (watcher === undefined) return false
  const kind = Object.getOwnPropertySymbols(watcher).find(({ description }) => description === 'kUseBigint')
  return kind !== undefined && (watcher as Record<symbol, unknown>)[kind] === true
}
