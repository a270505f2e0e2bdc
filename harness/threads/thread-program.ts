import type { Condition, Mutex, Semaphore } from './engine.ts'
import type { ThreadActions } from './replay-fibers.ts'

/** The code of a thread: a synchronous function of what `setup` made. What it returns is what `final` sees. */
export type ThreadFunction<State> = (state: State, actions: ThreadActions) => unknown

/** A thread whose code is an export of a module, given by its URL. */
export interface ThreadModule {
  /** Where the module is: `new URL('./worker.ts', import.meta.url)`, or its href. */
  readonly module: string | URL
  /** The name of the function that it exports. */
  readonly run: string
}

/** What is explored: fresh shared state for each schedule, the threads that use it, and what must hold afterwards. */
export interface ThreadProgram<State> {
  /** Makes what the threads share, with its shared buffers; once for each schedule. */
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

/** The functions of a program's threads, those of modules loaded. Throws when a module has no such function. */
export async function functionsOf<State>(
  threads: ThreadProgram<State>['threads'],
): Promise<readonly ThreadFunction<State>[]> {
  return Promise.all(threads.map((thread) => (typeof thread === 'function' ? thread : load<State>(thread))))
}

async function load<State>({ module, run }: ThreadModule): Promise<ThreadFunction<State>> {
  const exports: Record<string, unknown> = await import(String(module))
  const found = exports[run]
  if (typeof found === 'function') return found as ThreadFunction<State>
  throw new TypeError(`expected ${module} to export a function '${run}', got ${typeof found}`)
}
