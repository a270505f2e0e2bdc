import { anything, type Call, check, model, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'
import { refusalIn } from '../reference-impl/mcp/target-client.ts'

interface Workflow {
  define(workflow: Phases): void
  start(workflow: Phases): boolean
  load(phase: Phases): boolean
}

/** Some phases of a workflow: all that it has from now on, or the one that somebody wants. */
interface Phases {
  workflow: string
  phases?: readonly string[]
}

/** A workflow, by its phases: sessions can be started in it as soon as it has one. */
const lateWorkflow = model<Workflow, readonly string[]>({
  name: 'late-workflow',
  init: [],
  partition: ({ workflow }: Phases) => workflow,
  readOnly: ({ f }) => f !== 'define',
  apply: {
    define: (_, { phases = [] }) => [anything, phases],
    start: (present) => [present.length > 0, present],
    load: (present, { phases = [] }) => [phases.every((phase) => present.includes(phase)), present],
  },
})

/** Agents ask for a session in a workflow that an operator has yet to add, and ask again until it is there. */
export default scenario('workflow-added-late', {
  target: mcp,
  source: 'mcp-thread-safety-insights: pattern 1 (double-checked locking: what failed must not be kept)',
  promise:
    'A session that could not be started yet is started as soon as it can be, no sooner, and all agents share it; so it is ' +
    'with a phase that was not there yet.',
  async script({ client, crowd, random, unique, sleep }) {
    const [sessionId, workflow] = [unique('session'), unique('workflow')]
    const addedAfterMs = random.integer(5, 60)
    // Whoever still has to connect might come too late to be refused.
    await crowd.all((each) => each.metadata())
    await crowd.all(async (each, index) => {
      if (index > 0) return void (await each.startOnceThere(sessionId, workflow))
      await sleep(addedAfterMs)
      await each.updateMetadata(workflow, { title: 'Added late', phases: ['first'] })
    })
    // Another phase comes later still, and is asked for before it is there.
    await crowd.attempt(async (each, index) => {
      if (index > 0) await each.loadCheckpoint(workflow, 'second')
      else await each.updateMetadata(workflow, { phases: ['first', 'second'] })
    })
    await crowd.all((each) => each.loadCheckpoint(workflow, 'second'))
    await client.clearSessionCache()
    await crowd.all((each) => each.close())
  },
  checks: [
    check.oneInstance({ key: 'sessionId', instance: 'instance', cache: 'sessions', clear: 'clearSessionCache' }),
    check.linearizable({ model: lateWorkflow, translate: asWorkflow }),
    check.doubleLoads(),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 30, seconds: 4, gate: false }, sim: { clients: 2 } },
})

/** What the calls of a client mean to the {@link lateWorkflow}. */
function asWorkflow({ f, input, outcome }: Call): { f: string; input: Phases; output?: boolean } | null {
  const { workflow, phases, phase } = input as { workflow: string; phases: string[]; phase: string }
  const isRefused = outcome.type === 'fail' && refusalIn(outcome.error) === 'unknown-phase'
  const answer = outcome.type === 'ok' ? { output: true } : isRefused ? { output: false } : {}
  if (f === 'updateMetadata') return { f: 'define', input: { workflow, phases } }
  if (f === 'loadCheckpoint') return { f: 'load', input: { workflow, phases: [phase] }, ...answer }
  return f === 'startOnceThere' ? { f: 'start', input: { workflow }, ...answer } : null
}
