import type { Condition, Mutex, Semaphore } from './engine.ts'
import { type CompiledModule, type CompileModuleOptions, compileModule } from './modules/compile-module.ts'
import { ModuleInstances } from './modules/module-instances.ts'
import type { ThreadActions } from './replay-fibers.ts'

/** The code of a thread: a synchronous function of what `setup` made. What it returns is what `final` sees. */
export type ThreadFunction<State> = (state: State, actions: ThreadActions) => unknown

/** A thread whose code is an export of a module, given by its URL. */
export interface ThreadModule {
  /** Where the module is: `new URL('./worker.ts', import.meta.url)`, or its href. */
  readonly module: string | URL
  /** The name of the function that it exports. */
  readonly run: string
  /**
   * Whether each run of the thread gets a fresh instance of the module, as it must when the module holds state; found out
   * from its code unless told.
   */
  readonly fresh?: boolean
  /**
   * False for an event loop that must never stand still: `Atomics.wait` throws a TypeError in it, as the language has it for
   * agents that cannot block. True unless told otherwise.
   */
  readonly canBlock?: boolean
}

/** What is explored: fresh shared state for each schedule, the threads that use it, and what must hold afterwards. */
export interface ThreadProgram<State> {
  /** Makes what the threads share, with its shared buffers; once for each schedule, and the same each time. */
  setup(primitives: Primitives): State
  readonly threads: readonly (ThreadFunction<State> | ThreadModule)[]
  /** Throws when the end is wrong. Gets what the threads returned, in their order. */
  final?(state: State, returned: readonly unknown[]): void
}

/** Primitives for small programs, which threads use with their actions. */
export interface Primitives {
  mutex(): Mutex
  condition(): Condition
  semaphore(permits: number): Semaphore
}

/** The threads of a program, ready to run. */
export interface LoadedThreads<State> {
  readonly functions: readonly ThreadFunction<State>[]
  /** The modules of the threads, which workers can run too; null for a thread that is a function. */
  readonly compiled: readonly (CompiledThread | null)[]
  /** Which of the threads can block. */
  readonly canBlock: readonly boolean[]
  /** Where the user wrote what runs at a place, both as file:line:column. */
  original(place: string): string
}

/** A thread's module and the function of it that the thread runs. It can be sent to a worker. */
export interface CompiledThread {
  readonly module: CompiledModule
  readonly run: string
}

/** Loads the modules of a program's threads. Throws when a module does not compile, or has no such function. */
export async function loadThreads<State>(
  threads: ThreadProgram<State>['threads'],
  options: CompileModuleOptions,
): Promise<LoadedThreads<State>> {
  const modules = new Map<string, ModuleInstances>()
  for (const thread of threads) {
    if (typeof thread === 'function' || modules.has(keyOf(thread))) continue
    modules.set(keyOf(thread), await load(thread, options))
  }
  const functionOf = (thread: ThreadModule, number: number): ThreadFunction<State> => {
    const instances = modules.get(keyOf(thread))!
    return (state, actions) => exported<State>(instances.exportsFor(number), thread)(state, actions)
  }
  return {
    compiled: threads.map((thread) =>
      typeof thread === 'function' ? null : { module: modules.get(keyOf(thread))!.module, run: thread.run },
    ),
    canBlock: threads.map((thread) => typeof thread === 'function' || thread.canBlock !== false),
    functions: threads.map((thread, number) => (typeof thread === 'function' ? thread : functionOf(thread, number))),
    original: (place) => [...modules.values()].reduce((at, instances) => instances.original(at), place),
  }
}

async function load(thread: ThreadModule, options: CompileModuleOptions): Promise<ModuleInstances> {
  const compiled = await compileModule(thread.module, options)
  if (!compiled.exports.includes(thread.run)) exported({}, thread)
  return ModuleInstances.load({ ...compiled, mayHoldState: thread.fresh ?? compiled.mayHoldState })
}

/** Threads of one module share what was compiled. */
function keyOf({ module, fresh }: ThreadModule): string {
  return `${module} ${fresh}`
}

function exported<State>(exports: Readonly<Record<string, unknown>>, { module, run }: ThreadModule) {
  const found = exports[run]
  if (typeof found === 'function') return found as ThreadFunction<State>
  throw new TypeError(`expected ${module} to export a function '${run}', got ${typeof found}`)
}
