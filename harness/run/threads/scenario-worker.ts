/** The main file of a worker that runs a thread of a scenario, as it is confirmed there. */
import { partsWith } from '../../defect.ts'
import type { AnyThreadScenario, ThreadCode } from '../../thread-scenario.ts'
import type { CompiledModule } from '../../threads/modules/compile-module.ts'
import { ModuleInstances } from '../../threads/modules/module-instances.ts'
import { serveSchedules } from '../../threads/workers/serve-schedules.ts'
import { noting } from './record-note.ts'
import { RecordingClient } from './recording-client.ts'
import { tapProbes } from './thread-tap.ts'

/** The code of one thread of a scenario. It can be sent to a worker. */
export interface ScenarioThread {
  /** The scenario's module: its URL, or what it was rewritten to so that plain accesses are seen. */
  readonly scenario: string | CompiledModule
  /** The URL of the thread's own module; the scenario's when that is rewritten. */
  readonly module: string
  /** The function that the module exports. */
  readonly run: string
  readonly defect: string | null
}

type Exports = Readonly<Record<string, unknown>>

await serveSchedules<ScenarioThread>(async ({ scenario, module, run, defect: name }, worker) => {
  const exports = await exportsOf(scenario)
  const { target } = exports.default as AnyThreadScenario
  const defect = target.defects.find((each: { name: string }) => each.name === name) ?? null
  const parts = partsWith(target.parts, defect, 'server')
  const own = typeof scenario === 'string' ? ((await import(module)) as Exports) : exports
  const code = own[run] as ThreadCode<unknown>
  const recording = {
    record: noting((note) => worker.note(note)),
    get isNew() {
      return worker.isInSchedule
    },
  }
  tapProbes((topic, message) => worker.note({ topic, message }))
  return (state) => code(state, { parts, client: new RecordingClient(recording, worker.thread) })
})

/** All threads of a rewritten scenario share one instance of it where it is explored. */
async function exportsOf(scenario: ScenarioThread['scenario']): Promise<Exports> {
  return typeof scenario === 'string' ? import(scenario) : (await ModuleInstances.load(scenario)).exportsFor(0)
}
