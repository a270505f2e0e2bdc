import { check, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'
import { asSession, sessionModel } from '../reference-impl/mcp/target-session-model.ts'

const workflows = ['race-hunt', 'incident']

/** Two processes change the same workflow sessions, whose state is a file each in the one folder that they share. */
export default scenario('two-processes-one-folder', {
  target: mcp,
  source: 'mcp-thread-safety-insights: constraint C-3 (StateManager file locks)',
  promise:
    'However many processes start a session and pass its phases at once, all agree on its workflow, each phase is passed ' +
    'once and none is lost, and who asks for one too many is told so.',
  processes: 2,
  async script({ crowd, unique }) {
    const sessionIds = Array.from({ length: Math.max(1, crowd.size >> 3) }, () => unique('session'))
    // Each session has clients on both processes.
    const sessionOf = (index: number) => sessionIds[(index >> 1) % sessionIds.length]!
    // Those of one process want another workflow than those of the other, and some only look.
    await crowd.attempt(async (each, index) => {
      if (index % 3 === 2) await each.getSession(sessionOf(index))
      else await each.startWorkflow(sessionOf(index), workflows[index % 2])
    })
    await crowd.attempt(async (each, index) => {
      // For many that is once too often, and then there is no phase left for a sub-agent either.
      for (let turn = 0; turn < 2; turn++) await each.advance(sessionOf(index))
    })
    await crowd.first(1).attempt((each) => each.runSubagent(sessionOf(0), 'lock', { advance: true }))
    await crowd.all((each, index) => each.getSession(sessionOf(index)))
    // They would stay in memory for as long as somebody may come back to them.
    for (const process of [crowd.on(0), crowd.on(1)]) await process.first(1).all((each) => each.clearSessionCache())
    await crowd.all((each) => each.close())
  },
  checks: [
    check.linearizable({ model: sessionModel, translate: asSession }),
    check.mutualExclusion(),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 40, seconds: 4, gate: false }, sim: { clients: 3 } },
})
