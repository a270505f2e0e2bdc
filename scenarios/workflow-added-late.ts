import { check, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'

/** Agents ask for a session in a workflow that an operator has yet to add, and ask again until it is there. */
export default scenario('workflow-added-late', {
  target: mcp,
  source: 'mcp-thread-safety-insights: pattern 1 (double-checked locking: what failed must not be kept)',
  promise: 'A session that could not be started yet is started as soon as it can be, and all agents share it.',
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
    check.doubleLoads(),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 30, seconds: 4, gate: false }, sim: { clients: 3 } },
})
