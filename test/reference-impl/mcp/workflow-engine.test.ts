import { channel } from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Assembly } from '../../../reference-impl/mcp/assembly.ts'
import { components } from '../../../reference-impl/mcp/components.ts'
import { defaultConfig, type McpConfig } from '../../../reference-impl/mcp/config.ts'
import { OpenCalls } from '../../../reference-impl/mcp/open-calls.ts'
import { StateManager } from '../../../reference-impl/mcp/state-manager.ts'
import type { WorkflowEngine } from '../../../reference-impl/mcp/workflow-engine.ts'
import { folder, gate, until } from './fixture.ts'

interface EngineOptions {
  config?: Partial<McpConfig>
  parts?: Partial<typeof components>
}

/** An engine over a folder of its own. */
async function engine({ config, parts }: EngineOptions = {}): Promise<WorkflowEngine> {
  class OpenAssembly extends Assembly {
    override makeEngine() {
      return super.makeEngine()
    }
  }
  const assembly = new OpenAssembly(
    { ...components, ...parts },
    {
      config: { ...defaultConfig, ...config },
      stateDir: await folder(),
      calls: new OpenCalls(),
      callbackUrl: () => null,
    },
  )
  await assembly.prepare()
  return assembly.makeEngine()
}

/** The evictions of sessions from now on, as `<session> <reason>`. */
function evictions(): string[] {
  const seen: string[] = []
  const note = (message: unknown) => {
    const { event, cache, key, reason } = message as Record<string, string>
    if (event === 'evict' && cache === 'sessions') seen.push(`${key} ${reason}`)
  }
  channel('raceproof:cache').subscribe(note)
  onTestFinished(() => void channel('raceproof:cache').unsubscribe(note))
  return seen
}

describe('a session id', () => {
  it('has one session for ten callers that start it at once', async () => {
    const workflows = await engine()
    const callers = Array.from({ length: 10 }, (_, index) => `caller-${index}`)
    const views = await Promise.all(callers.map((caller) => workflows.startWorkflow('test-123', 'incident', caller)))
    expect(new Set(views.map(({ instance }) => instance)).size).toBe(1)
    const { sessions } = await workflows.cacheMetrics(false)
    expect(sessions).toMatchObject({ hits: 0, misses: 1, avoidedLoads: 9, doubleLoads: 0 })
  })

  it('has no session after a creation that failed, and the next caller creates it', async () => {
    let failures = 1
    class FailingOnce extends StateManager {
      override change(...args: Parameters<StateManager['change']>) {
        return failures-- > 0 ? Promise.reject(new Error('the disk is full')) : super.change(...args)
      }
    }
    const workflows = await engine({ parts: { StateManager: FailingOnce } })
    const both = await Promise.allSettled([
      workflows.startWorkflow('s1', 'incident', 'a'),
      workflows.startWorkflow('s1', 'incident', 'b'),
    ])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(await workflows.readSession('s1', 'a')).toHaveProperty('phase', 0)
  })

  it('is free for a new session when it was cleared while one was being created', async () => {
    const creating = gate()
    const asked = gate()
    class Slow extends StateManager {
      override async change(...args: Parameters<StateManager['change']>) {
        asked.open()
        await creating.opened
        return super.change(...args)
      }
    }
    const workflows = await engine({ config: { sessionsPerClient: 1 }, parts: { StateManager: Slow } })
    const early = workflows.startWorkflow('s1', 'incident', 'a')
    await asked.opened
    workflows.clearSessionCache()
    creating.open()
    await early
    const [first, second] = [await workflows.readSession('s1', 'a'), await workflows.readSession('s1', 'a')]
    expect(first.instance).toBe(second.instance)
  })

  it('that was never started is unknown, and stays free', async () => {
    const workflows = await engine()
    await expect(workflows.readSession('s1', 'a')).rejects.toMatchObject({ reason: 'unknown-session' })
    expect(await workflows.startWorkflow('s1', 'incident', 'a')).toHaveProperty('phase', 0)
  })
})

describe('the cap', () => {
  it('refuses the session past it with a clear error, and counts each client for itself', async () => {
    const workflows = await engine({ config: { sessionsPerClient: 2 } })
    await workflows.startWorkflow('a1', 'incident', 'a')
    await workflows.startWorkflow('a2', 'incident', 'a')
    await expect(workflows.startWorkflow('a3', 'incident', 'a')).rejects.toMatchObject({
      reason: 'cap-reached',
      message: expect.stringContaining('this client has 2 workflow sessions, and 2 is the most'),
    })
    expect(await workflows.startWorkflow('a3', 'incident', 'b')).toHaveProperty('phase', 0)
  })

  it('does not count sessions that a client joins', async () => {
    const workflows = await engine({ config: { sessionsPerClient: 1 } })
    await workflows.startWorkflow('a1', 'incident', 'a')
    await workflows.startWorkflow('b1', 'incident', 'b')
    expect(await workflows.startWorkflow('a1', 'incident', 'b')).toHaveProperty('sessionId', 'a1')
  })

  it('bounds the sessions of all clients together', async () => {
    const workflows = await engine({ config: { sessions: 1 } })
    await workflows.startWorkflow('a1', 'incident', 'a')
    await expect(workflows.startWorkflow('b1', 'incident', 'b')).rejects.toMatchObject({ reason: 'cap-reached' })
  })

  it('holds when one client starts many sessions at once, and is free again when they are cleared', async () => {
    const workflows = await engine({ config: { sessionsPerClient: 3 } })
    const startTen = () =>
      Promise.allSettled(
        Array.from({ length: 10 }, (_, index) => workflows.startWorkflow(`a${index}`, 'incident', 'a')),
      )
    const admitted = (results: PromiseSettledResult<unknown>[]) =>
      results.filter(({ status }) => status === 'fulfilled').length
    expect(admitted(await startTen())).toBe(3)
    workflows.clearSessionCache()
    expect(admitted(await startTen())).toBe(3)
  })

  it('is not used up by creations that fail', async () => {
    const workflows = await engine({ config: { sessionsPerClient: 1 } })
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(workflows.startWorkflow('s1', 'nap', 'a')).rejects.toMatchObject({ reason: 'unknown-workflow' })
    }
    expect(await workflows.startWorkflow('s1', 'incident', 'a')).toHaveProperty('phase', 0)
  })
})

describe('idle sessions', () => {
  it('leave memory, count no longer, and are found again on disk', async () => {
    const seen = evictions()
    const workflows = await engine({ config: { sessionIdleMs: 0, sessionsPerClient: 1 } })
    await workflows.startWorkflow('s1', 'incident', 'a')
    await workflows.advance('s1', 'a')
    workflows.reap()
    expect(seen).toEqual(['s1 idle'])
    expect(await workflows.readSession('s1', 'a')).toHaveProperty('phase', 1)
  })

  it('are only those that nobody has used for long enough', async () => {
    const seen = evictions()
    const workflows = await engine({ config: { sessionIdleMs: 60_000 } })
    await workflows.startWorkflow('s1', 'incident', 'a')
    workflows.reap()
    expect(seen).toEqual([])
  })

  it('are not those that somebody is using', async () => {
    const seen = evictions()
    const workflows = await engine({ config: { sessionIdleMs: 0 } })
    await workflows.startWorkflow('s1', 'incident', 'a')
    await workflows.withSession('s1', 'a', async () => workflows.reap())
    expect(seen).toEqual([])
    await until(() => {
      workflows.reap()
      return seen.length > 0
    })
    expect(seen).toEqual(['s1 idle'])
  })
})
