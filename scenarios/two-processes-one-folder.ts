import { check, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'
import { asPhases, phaseModel } from '../reference-impl/mcp/target-phase-model.ts'

/** Two processes change the same workflow sessions, whose state is a file each in the one folder that they share. */
export default scenario('two-processes-one-folder', {
  target: mcp,
  source: 'mcp-thread-safety-insights: constraint C-3 (StateManager file locks)',
  promise: 'However many processes pass the phases of a session at once, each phase is passed once and none is lost.',
  processes: 2,
  async script({ crowd, unique }) {
    const sessionIds = Array.from({ length: Math.max(1, crowd.size >> 3) }, () => unique('session'))
    // Each session has clients on both processes.
    const sessionOf = (index: number) => sessionIds[(index >> 1) % sessionIds.length]!
    await crowd.all((each, index) => each.startWorkflow(sessionOf(index)))
    await crowd.attempt((each, index) => each.advance(sessionOf(index)))
    await crowd.all((each, index) => each.getSession(sessionOf(index)))
    // They would stay in memory for as long as somebody may come back to them.
    for (const process of [crowd.on(0), crowd.on(1)]) await process.first(1).all((each) => each.clearSessionCache())
    await crowd.all((each) => each.close())
  },
  checks: [
    check.linearizable({ model: phaseModel, translate: asPhases }),
    check.mutualExclusion(),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 40, seconds: 4, gate: false }, sim: { clients: 3 } },
})
