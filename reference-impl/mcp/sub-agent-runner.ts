import { randomUUID } from 'node:crypto'
import { Refusal } from './refusal.ts'
import { SubAgent, type SubAgentReport, type SubAgentTask } from './sub-agent.ts'
import type { SessionView, WorkflowEngine } from './workflow-engine.ts'

/** Runs sub-agents on workflow sessions. */
export class SubAgentRunner {
  protected readonly engine: WorkflowEngine
  readonly #callbackUrl: () => string | null

  /** `callbackUrl` tells where sub-agents call back; null while HTTP is not served. */
  constructor(engine: WorkflowEngine, callbackUrl: () => string | null) {
    this.engine = engine
    this.#callbackUrl = callbackUrl
  }

  /**
   * Runs a sub-agent, and returns its report and the session as it is afterwards. The session stays in memory
   * meanwhile, but no lock is held: the sub-agent reads and changes the same session.
   */
  async run(
    task: SubAgentTask,
    client: string,
    signal: AbortSignal,
  ): Promise<{ session: SessionView; report: SubAgentReport }> {
    const url = this.#callbackUrl()
    if (url === null) {
      throw new Refusal('no-http', 'sub-agents call back over HTTP; start the server with --transports both or http')
    }
    return this.engine.withSession(task.sessionId, client, async () => {
      const report = await this.delegate(new SubAgent(url, `sub-agent-${randomUUID()}`), task, signal)
      return { report, session: await this.engine.readSession(task.sessionId, client) }
    })
  }

  protected delegate(agent: SubAgent, task: SubAgentTask, signal: AbortSignal): Promise<SubAgentReport> {
    return agent.run(task, signal)
  }
}
