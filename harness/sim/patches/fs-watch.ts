import { active } from '../active.ts'
import { Failure } from '../fs/failure.ts'
import { find } from '../fs/file-tree.ts'
import type { FileWatcher } from '../fs/file-watchers.ts'
import { encoded, textOf } from '../fs/operations.ts'
import { uvCode } from '../net/uv-codes.ts'
import { watcherClasses } from '../node-internals.ts'
import { patchHandle } from './native-handle.ts'

interface FsEvent {
  onchange(status: number, event: string, name: string | Buffer): void
}

/**
 * The native handle under `fs.watch` and `fs.promises.watch`. Watching a folder with all below it is made of these by Node
 * itself.
 */
export function patchFsWatch(): void {
  const { prototype } = watcherClasses().event
  const watchers = new WeakMap<object, FileWatcher>()
  const { start } = prototype
  prototype.start = function (this: FsEvent, ...args: never[]) {
    const { current } = active
    if (current === undefined) return start?.apply(this, args)
    const [path, persistent, , encoding] = args as unknown as [string | Buffer, boolean, boolean, unknown]
    try {
      const inode = find(current.files.root, textOf(path), { last: 'follow' })
      const watcher = current.files.watchers.watch(textOf(path), inode, (event, name) => {
        this.onchange(0, event, encoded(name, encoding))
      })
      watcher.setRef(persistent)
      active.standIns.add(this)
      watchers.set(this, watcher)
      Object.defineProperty(this, 'initialized', { value: true, configurable: true })
      return 0
    } catch (error) {
      if (error instanceof Failure) return uvCode(error.code)
      throw error
    }
  }
  patchHandle(prototype, watchers)
}
