import type { Defect } from '../../defect.ts'
import { HarnessError } from '../../errors.ts'
import type { AnyThreadScenario, ThreadCode, ThreadExport } from '../../thread-scenario.ts'
import { compileModule } from '../../threads/modules/compile-module.ts'
import { ModuleInstances } from '../../threads/modules/module-instances.ts'
import { stuckAround } from '../../threads/watch/overrun.ts'
import { TimeLimitReached, withTimeLimit } from '../../watch/time-limit.ts'
import { nameOf, stuckMsOf } from './stuck-schedule.ts'
import { ThreadSubject } from './thread-subject.ts'

type Exports = Readonly<Record<string, unknown>>

/**
 * A scenario of threads as something to explore, its threads loaded. Throws `ERR_SCENARIO_INVALID` when a module does not
 * export the function of a thread, or when the shared state could not be sent to a worker.
 */
export async function loadThreadSubject(scenario: AnyThreadScenario, defect: Defect | null): Promise<ThreadSubject> {
  expectSendable(scenario)
  if (scenario.plainAccesses === true) return loadRewritten(scenario, defect)
  const codes = await Promise.all(
    scenario.threads.map(async (thread) => codeOf(scenario, thread, await import(String(thread.module)))),
  )
  return new ThreadSubject(scenario, defect, codes)
}

/** The same scenario, target and defect, made anew of code in which plain accesses are seen. */
async function loadRewritten(scenario: AnyThreadScenario, defect: Defect | null): Promise<ThreadSubject> {
  const instances = await ModuleInstances.load(await compileModule(moduleOf(scenario), { plainAccesses: true }))
  const exports = instances.exportsFor(0)
  const rewritten = exports.default as AnyThreadScenario
  const sameDefect = rewritten.target.defects.find(({ name }) => name === defect?.name) ?? null
  const codes = rewritten.threads.map((thread) => codeOf(rewritten, thread, exports))
  const { module } = instances
  return new ThreadSubject(rewritten, sameDefect, codes, { module, original: (place) => instances.original(place) })
}

function moduleOf({ name, threads }: AnyThreadScenario): string {
  const modules = [...new Set(threads.map(({ module }) => String(module)))]
  if (modules.length === 1) return modules[0] as string
  throw invalid(
    name,
    `with plainAccesses all threads must be exports of one file, the scenario's; got ${modules.join(', ')}`,
  )
}

function codeOf(scenario: AnyThreadScenario, { module, run }: ThreadExport, exports: Exports): ThreadCode<unknown> {
  const found = exports[run]
  if (typeof found === 'function') return found as ThreadCode<unknown>
  throw invalid(
    scenario.name,
    `expected ${module} to export a function '${run}' for a thread to run, got ${typeof found}`,
  )
}

/** What a closure holds would be shared between the threads of an exploration, and never by those of a program. */
function expectSendable(scenario: AnyThreadScenario): void {
  const { name } = scenario
  const state = setUpOnce(scenario)
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

function setUpOnce(scenario: AnyThreadScenario): unknown {
  const { target, setup } = scenario
  const stuckMs = stuckMsOf(scenario)
  try {
    return withTimeLimit(
      stuckMs,
      () => setup({ parts: target.parts }),
      () => {},
    )
  } catch (thrown) {
    throw thrown instanceof TimeLimitReached ? stuckAround(nameOf(scenario), stuckMs) : thrown
  }
}

function invalid(name: string, problem: string): HarnessError {
  return new HarnessError('ERR_SCENARIO_INVALID', `thread scenario '${name}': ${problem}`)
}
