import { anything, type Call, check, model, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'

interface Workflow {
  add(workflow: string): void
  start(workflow: string): boolean
}

/** A workflow that sessions can be started in from the moment in which it is added. */
const addedWorkflow = model<Workflow, boolean>({
  name: 'added-workflow',
  init: false,
  partition: (workflow: string) => workflow,
  readOnly: ({ f }) => f === 'start',
  apply: {
    add: () => [anything, true],
    start: (isThere) => [isThere, isThere],
  },
})

/** Agents ask for a session in a workflow that an operator has yet to add, and ask again until it is there. */
export default scenario('workflow-added-late', {
  target: mcp,
  source: 'mcp-thread-safety-insights: pattern 1 (double-checked locking: what failed must not be kept)',
  promise:
    'A session that could not be started yet is started as soon as it can be, no sooner, and all agents share it.',
  async script({ client, crowd, random, unique, sleep }) {
    const [sessionId, workflow] = [unique('session'), unique('workflow')]
    const addedAfterMs = random.integer(5, 60)
    await crowd.all(async (each, index) => {
      if (index > 0) return void (await each.startOnceThere(sessionId, workflow))
      await sleep(addedAfterMs)
      await each.updateMetadata(workflow, { title: 'Added late', phases: ['only'] })
    })
    await client.clearSessionCache()
    await crowd.all((each) => each.close())
  },
  checks: [
    check.oneInstance({ key: 'sessionId', instance: 'instance', cache: 'sessions', clear: 'clearSessionCache' }),
    check.linearizable({ model: addedWorkflow, translate: asWorkflow }),
    check.doubleLoads(),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 30, seconds: 4, gate: false }, sim: { clients: 3 } },
})

/** What the calls of a client mean to the {@link addedWorkflow}. */
function asWorkflow({ f, input, outcome }: Call): { f: string; input: string; output?: boolean } | null {
  const { workflow } = input as { workflow: string }
  if (f === 'updateMetadata') return { f: 'add', input: workflow }
  if (f !== 'startOnceThere') return null
  return { f: 'start', input: workflow, ...(outcome.type === 'ok' && { output: true }) }
}
