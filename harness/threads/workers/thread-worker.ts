/** The main file of a worker whose code is an export of a compiled module. */
import { ModuleInstances } from '../modules/module-instances.ts'
import type { CompiledThread, ThreadFunction } from '../thread-program.ts'
import { serveSchedules } from './serve-schedules.ts'

await serveSchedules<CompiledThread>(async ({ module, run }, { thread }) => {
  const instances = await ModuleInstances.load(module)
  return (state, actions) => (instances.exportsFor(thread)[run] as ThreadFunction<unknown>)(state, actions)
})
