import { check, type Random, scenario } from 'raceproof'
import { mcp } from '../reference-impl/mcp/target.ts'
import type { McpClient } from '../reference-impl/mcp/target-client.ts'

const queries = ['stale lock file', 'cache stampede', 'await between check and act', 'deadlock order', 'shutdown']
const checkpoints = [
  ['race-hunt', 'reproduction'],
  ['change-review', 'locking'],
  ['incident', 'explain'],
] as const

/**
 * An editor speaks stdio to the server while 119 sub-agents speak HTTP to it, and all of them start the same workflow
 * sessions at the same time. Nobody may get a session of their own. (MCP thread safety: stories 1 and 2, test 3)
 */
export default scenario('dual-transport-session', {
  target: mcp,
  source: 'mcp-thread-safety-insights: FR-1, stories 1 and 2, test 3 (dual transport)',
  promise:
    'Clients over stdio and HTTP that start the same session at once share one session, and none waits for another.',
  async script({ client, crowd, random, unique, step, sleep }) {
    // As much of everything as keeps all of a small crowd busy.
    const few = Math.max(2, Math.min(5, crowd.size - 1))
    const sessionIds = Array.from({ length: Math.min(8, 2 * (few - 1)) }, () => unique('session'))
    await step('connect', () => crowd.all((each) => each.metadata()))

    // Wave after wave, everybody starts one of two sessions at once: each is wanted by many while the other is created.
    await step('stampede', async () => {
      for (let wave = 0; wave < sessionIds.length; wave += 2) {
        const headStartMs = random.integer(0, 40)
        await crowd.all(async (each, index) => {
          // The pipe is faster than the sockets, and would always come first.
          if (index === 0) await sleep(headStartMs)
          await each.startWorkflow(sessionIds[wave + (index % 2)]!)
        })
      }
    })
    await step('warm up', async () => {
      for (const query of queries.slice(0, few)) await client.search(query)
      for (const [workflow, phase] of checkpoints) await client.loadCheckpoint(workflow, phase)
    })
    const agents = Math.max(3, crowd.size / 20)
    const sources = Array.from({ length: crowd.size }, (_, index) => random.fork(index))
    await step('steady', () =>
      crowd.all(async (each, index) => {
        for (let turn = 0; turn < few; turn++) await mixedCall(each, sources[index]!, sessionIds)
        if (index < agents) await workAsAgent(each, index, sessionIds)
      }),
    )
    await client.clearSessionCache()
    await crowd.all((each) => each.close())
  },
  checks: [
    check.oneInstance({ key: 'sessionId', instance: 'instance', cache: 'sessions' }),
    check.doubleLoads(),
    check.contention({ steady: 'steady', stampede: 'stampede', maxWaitShare: 0.05 }),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { sim: { clients: 3 }, live: { clients: 120, seconds: 8 } },
})

/** One call of those that read, and find what they read in a cache or on disk. */
async function mixedCall(client: McpClient, random: Random, sessionIds: readonly string[]): Promise<void> {
  const dice = random.real()
  const [workflow, phase] = random.pick(checkpoints)
  if (dice < 0.4) await client.getSession(random.pick(sessionIds))
  else if (dice < 0.7) await client.search(random.pick(queries))
  else if (dice < 0.85) await client.loadCheckpoint(workflow, phase)
  else await client.metadata()
}

/** What few clients do: change the metadata, pass a phase, and have a sub-agent call back on the same session. */
async function workAsAgent(client: McpClient, index: number, sessionIds: readonly string[]): Promise<void> {
  const sessionId = rotated(sessionIds, index)
  if (index === 0) await client.updateMetadata('race-hunt', { title: 'Find, reproduce and fix a race' })
  else if (index % 2 === 0) await client.advance(sessionId)
  else await client.runSubagent(sessionId, queries[0]!, { advance: true })
}

function rotated(sessionIds: readonly string[], index: number): string {
  return sessionIds[index % sessionIds.length]!
}
