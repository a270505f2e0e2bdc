import type { PathOrFileDescriptor } from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { isatty } from 'node:tty'
import { isSharedView } from './real-atomics.ts'
import { refuse } from './refuse.ts'
import { replace } from './replace.ts'
import type { Running } from './running.ts'

/** What is refused, of one builtin module, and why. */
interface Refused {
  readonly module: string
  readonly names: readonly string[]
  readonly why: string
}

const blocking: Refused = {
  module: 'node:child_process',
  names: ['execSync', 'execFileSync', 'spawnSync'],
  why:
    'it blocks where the scheduler cannot see it, and would be done again whenever the thread is run again; ' +
    'let setup do it, and hand over what comes',
}

const files: Refused = {
  module: 'node:fs',
  names: (
    'appendFileSync chmodSync copyFileSync cpSync ftruncateSync linkSync mkdirSync mkdtempSync openSync renameSync rmSync ' +
    'rmdirSync symlinkSync truncateSync unlinkSync utimesSync writeFileSync writeSync'
  ).split(' '),
  why:
    'files that threads write or lock are not among what is scheduled, and it would be done again whenever the thread is run ' +
    'again; keep in shared memory what threads share, and explore file locks in the simulated world',
}

const compiling: Refused = {
  module: 'node:vm',
  names: ['Script', 'compileFunction', 'runInContext', 'runInNewContext', 'runInThisContext'],
  why: 'the plain accesses of code that is made while it runs are not seen; write it out, or leave plainAccesses out',
}

/**
 * Refuses, in the code of a thread, what blocks or has effects outside of shared memory, and functions of `Atomics` that have
 * no model; anywhere in an exploration, shared memory that grows or belongs to WebAssembly. Returns what puts all back.
 */
export function interceptRefused(running: Running): () => void {
  const undo = [
    refuseCalls(running, blocking),
    refuseCalls(running, files),
    refuseEndlessReads(running),
    refuseUnknownAtomics(running),
    refuseSharedWasm(running),
  ]
  return () => {
    for (const restore of undo.reverse()) restore()
  }
}

/** Refuses, in the code of a thread, code that is made while it runs, whose plain accesses nobody has rewritten. */
export function interceptCompiling(running: Running): () => void {
  const undo = [
    refuseCalls(running, compiling),
    replace(globalThis, 'eval', refusing(running, Reflect.get(globalThis, 'eval'), 'eval()', compiling.why)),
    replace(globalThis, 'Function', refusing(running, Function, 'Function()', compiling.why)),
  ]
  return () => {
    for (const restore of undo.reverse()) restore()
  }
}

function refuseCalls(running: Running, { module, names, why }: Refused): () => void {
  const owner = createRequire(import.meta.url)(module) as Record<string, object>
  const title = module.replace('node:', '')
  const undo = names.map((name) => replace(owner, name, refusing(running, owner[name]!, `${title}.${name}()`, why)))
  syncBuiltinESMExports()
  return () => {
    for (const restore of undo) restore()
    syncBuiltinESMExports()
  }
}

/** The same function or class, but for the code of a thread. */
function refusing<T extends object>(running: Running, real: T, use: string, why: string): T {
  const check = () => running.fiber !== null && refuse(running, use, why)
  return new Proxy(real, {
    apply(target, receiver, args) {
      check()
      return Reflect.apply(target as () => unknown, receiver, args)
    },
    construct(target, args, newTarget) {
      check()
      return Reflect.construct(target as new () => object, args, newTarget)
    },
  })
}

/** Reading a pipe, a socket or a terminal blocks until somebody writes there, and cannot even be ended. */
function refuseEndlessReads(running: Running): () => void {
  const fs = createRequire(import.meta.url)('node:fs') as typeof import('node:fs')
  const owner = fs as unknown as Record<string, (from: PathOrFileDescriptor, ...rest: unknown[]) => unknown>
  const why =
    'it blocks until somebody writes there, and nobody could end that; let setup read, and hand over what comes'
  const undo = ['readFileSync', 'readSync', 'readvSync'].map((name) => {
    const real = owner[name]!
    return replace(owner, name, (from: PathOrFileDescriptor, ...rest: unknown[]) => {
      if (running.fiber !== null && mayBlock(fs, from)) refuse(running, `fs.${name}() of what is no file`, why)
      return Reflect.apply(real, fs, [from, ...rest])
    })
  })
  syncBuiltinESMExports()
  return () => {
    for (const restore of undo) restore()
    syncBuiltinESMExports()
  }
}

function mayBlock({ statSync, fstatSync }: typeof import('node:fs'), from: PathOrFileDescriptor): boolean {
  const isOpen = typeof from === 'number'
  const stats = isOpen ? fstatSync(from) : statSync(from, { throwIfNoEntry: false })
  return stats?.isFIFO() === true || stats?.isSocket() === true || (isOpen && isatty(from))
}

/** Functions that change nothing that others could notice. */
const harmless: ReadonlySet<string> = new Set(['isLockFree', 'pause'])

const modelled: ReadonlySet<string> = new Set(
  'add and compareExchange exchange load notify or store sub wait waitAsync xor'.split(' '),
)

/** A later version of the language may have functions of `Atomics` that this one has not. */
function refuseUnknownAtomics(running: Running): () => void {
  const unknown = Object.getOwnPropertyNames(Atomics).filter((name) => !harmless.has(name) && !modelled.has(name))
  const owner = Atomics as unknown as Record<string, (...args: unknown[]) => unknown>
  const undo = unknown.map((name) => {
    const real = owner[name]!
    const check = (...args: unknown[]) => {
      if (running.fiber === null || !args.some(isSharedView)) return Reflect.apply(real, Atomics, args)
      return refuse(
        running,
        `Atomics.${name}()`,
        'the thread world has no model of it; use another function of Atomics',
      )
    }
    return replace(owner, name, check)
  })
  return () => {
    for (const restore of undo) restore()
  }
}

/** What there is of WebAssembly; the types of Node 20 do not name its classes. */
interface Wasm {
  Memory: new (descriptor?: { shared?: boolean }) => object
}

function refuseSharedWasm(running: Running): () => void {
  const why = 'the accesses of WebAssembly are not seen; share a SharedArrayBuffer that JavaScript accesses'
  const wasm = Reflect.get(globalThis, 'WebAssembly') as Wasm
  const memory = new Proxy(wasm.Memory, {
    construct(target, [descriptor]: [{ shared?: boolean }?], newTarget) {
      if (descriptor?.shared) refuse(running, 'shared memory of WebAssembly', why)
      return Reflect.construct(target, [descriptor], newTarget) as object
    },
  })
  return replace(wasm, 'Memory', memory)
}
