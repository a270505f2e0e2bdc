import { check, fault, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'
import { asPhases, phaseModel } from '../reference-impl/mcp/target-phase-model.ts'

const processes = 3

/** One of three processes over one state folder is killed while it changes sessions, and the two others go on with them. */
export default scenario('holder-killed-two-wait', {
  target: mcp,
  source: 'mcp-thread-safety-insights: constraint C-3 (StateManager file locks)',
  promise: 'When a process is killed in the middle of a change, one of those that wait takes over, never two at once.',
  processes,
  async script({ client, crowd, hit, random, sleep, unique }) {
    const workflow = unique('long-workflow')
    await client.updateMetadata(workflow, { title: 'As many phases as anybody could pass', phases: phases(200) })
    // Each session has a client on every process.
    const sessionIds = Array.from({ length: Math.ceil(crowd.size / processes) }, () => unique('session'))
    const sessionOf = (index: number) => sessionIds[Math.floor(index / processes)]!
    await crowd.all((each, index) => each.startWorkflow(sessionOf(index), workflow))

    let changes = 0
    const changing = crowd.attempt(async (each, index) => {
      for (let turn = 0; turn < 6; turn++) {
        await each.advance(sessionOf(index))
        changes++
      }
    })
    while (changes < crowd.size) await sleep(1)
    await sleep(random.integer(0, 8))
    hit(fault.kill(), { process: 2 })
    await changing
    for (const survivors of [crowd.on(0), crowd.on(1)]) await survivors.all((each) => each.close())
  },
  checks: [
    check.mutualExclusion(),
    check.linearizable({ model: phaseModel, translate: asPhases }),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 60, seconds: 5, gate: false }, sim: { clients: 3 } },
})

function phases(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `phase-${index + 1}`)
}
