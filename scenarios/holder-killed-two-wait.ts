import { check, fault, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'
import { asSession, sessionModel } from '../reference-impl/mcp/target-session-model.ts'

const processes = 3

/** One of three processes over one state folder is killed while it changes sessions, and the two others go on with them. */
export default scenario('holder-killed-two-wait', {
  target: mcp,
  source: 'mcp-thread-safety-insights: constraint C-3 (StateManager file locks)',
  promise: 'When a process is killed in the middle of a change, one of those that wait takes over, never two at once.',
  processes,
  async script({ crowd, hit, random, sleep, unique }) {
    // A large crowd meets several kills, each in the middle of sessions that nobody has changed before.
    for (let kill = 0; kill < Math.ceil(crowd.size / 30); kill++) {
      // Each session has a client on every process.
      const sessionIds = Array.from({ length: Math.ceil(crowd.size / processes) }, () => unique('session'))
      const sessionOf = (index: number) => sessionIds[Math.floor(index / processes)]!
      await crowd.all((each, index) => each.startAtLast(sessionOf(index)))

      const pauseMs = random.integer(0, 4)
      let changes = 0
      let restart = () => {}
      await crowd.attempt(async (each, index) => {
        for (let change = 0; change < Math.min(3, crowd.size - 1); change++) {
          await each.advance(sessionOf(index))
          if (++changes !== sessionIds.length) continue
          // By now everybody is at it, on a fast machine and on a slow one.
          await sleep(pauseMs)
          restart = hit(fault.kill(), { process: 2 })
        }
      })
      restart()
    }
    for (const survivors of [crowd.on(0), crowd.on(1)]) await survivors.all((each) => each.close())
  },
  checks: [
    check.mutualExclusion(),
    check.linearizable({ model: sessionModel, translate: asSession }),
    check.identity(),
    check.leftovers({ growth: false }),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 180, seconds: 8, gate: false }, sim: { clients: 3 } },
})
