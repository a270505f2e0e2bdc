import type { Defect } from '../../defect.ts'
import { HarnessError } from '../../errors.ts'
import type { AnyThreadScenario, ThreadCode, ThreadExport } from '../../thread-scenario.ts'
import { ThreadSubject } from './thread-subject.ts'

/**
 * A scenario of threads as something to explore, its threads loaded. Throws `ERR_SCENARIO_INVALID` when a module does not export
 * the function of a thread, or when the shared state could not be sent to a worker.
 */
export async function loadThreadSubject(scenario: AnyThreadScenario, defect: Defect | null): Promise<ThreadSubject> {
  const codes = await Promise.all(scenario.threads.map((thread) => codeOf(scenario, thread)))
  expectSendable(scenario)
  return new ThreadSubject(scenario, defect, codes)
}

async function codeOf({ name }: AnyThreadScenario, { module, run }: ThreadExport): Promise<ThreadCode<unknown>> {
  const exports: Record<string, unknown> = await import(String(module))
  const found = exports[run]
  if (typeof found === 'function') return found as ThreadCode<unknown>
  throw invalid(name, `expected ${module} to export a function '${run}' for a thread to run, got ${typeof found}`)
}

/** What a closure holds would be shared between the threads of an exploration, and never by those of a program. */
function expectSendable({ name, target, setup }: AnyThreadScenario): void {
  const state: unknown = setup({ parts: target.parts })
  try {
    structuredClone(state)
  } catch (thrown) {
    throw invalid(
      name,
      `setup made what cannot be sent to a worker: ${(thrown as Error).message}. Share buffers and plain data, and let ` +
        'each thread make its own objects over them',
    )
  }
}

function invalid(name: string, problem: string): HarnessError {
  return new HarnessError('ERR_SCENARIO_INVALID', `thread scenario '${name}': ${problem}`)
}
