import { active } from '../active.ts'
import { zlibHandleClasses } from '../node-internals.ts'

/** The native half of a zlib stream, whichever its format. */
export interface ZlibHandle {
  init(...args: unknown[]): unknown
  write(...args: unknown[]): void
  writeSync(...args: unknown[]): void
  close(): void
  onerror: (...args: unknown[]) => void
}

/** A write that was begun in a schedule and has not ended. */
interface Work {
  closesAfter: boolean
}

/**
 * `node:zlib`: its streams, its functions with callbacks, and with them `CompressionStream` and the compression of `ws`
 * and `fetch`. All of them stand on native handles whose `write` works on another thread. Inside a schedule the handle's
 * own synchronous write does the work when the job ends; everything above it is Node's own code.
 */
export function patchZlib(): void {
  const callbacks = new WeakMap<ZlibHandle, () => void>()
  const working = new WeakMap<ZlibHandle, Work>()
  for (const [name, { prototype }] of zlibHandleClasses()) {
    patchInit(prototype, callbacks)
    patchWrite(prototype, name, callbacks, working)
    patchClose(prototype, working)
  }
}

/** The only place at which a handle is told what to call when a write has ended. */
function patchInit(prototype: ZlibHandle, callbacks: WeakMap<ZlibHandle, () => void>): void {
  const { init } = prototype
  prototype.init = function (this: ZlibHandle, ...args) {
    const done = args.find((arg) => typeof arg === 'function') as () => void
    callbacks.set(this, done)
    return init.apply(this, args)
  }
}

function patchWrite(
  prototype: ZlibHandle,
  name: string,
  callbacks: WeakMap<ZlibHandle, () => void>,
  working: WeakMap<ZlibHandle, Work>,
): void {
  const { write } = prototype
  prototype.write = function (this: ZlibHandle, ...args) {
    const { current } = active
    const done = callbacks.get(this)
    if (current === undefined || done === undefined) return write.apply(this, args)
    current.pushJob('zlib', name, () => {
      const work = working.get(this)
      working.delete(this)
      // A handle that met an error has told its stream, and calls nobody back.
      if (writeNow(this, args)) done.call(this)
      if (work?.closesAfter) this.close()
    })
    working.set(this, { closesAfter: false })
  }
}

/** Returns whether it went well. */
function writeNow(handle: ZlibHandle, args: readonly unknown[]): boolean {
  const { onerror } = handle
  let isFine = true
  handle.onerror = (...error) => {
    isFine = false
    onerror.apply(handle, error)
  }
  try {
    handle.writeSync(...args)
  } finally {
    handle.onerror = onerror
  }
  return isFine
}

/** A handle that is closed in the middle of a write closes when the write has ended, as the native one does. */
function patchClose(prototype: ZlibHandle, working: WeakMap<ZlibHandle, Work>): void {
  const { close } = prototype
  prototype.close = function (this: ZlibHandle) {
    const work = working.get(this)
    if (work === undefined) close.call(this)
    else work.closesAfter = true
  }
}
