import { Agent } from 'node:http'
import { resources } from 'raceproof/probe'
import { HttpCaller } from './http-caller.ts'
import { RpcRefusal, type ToolAnswer } from './json-rpc.ts'
import { Refusal } from './refusal.ts'

/** What a sub-agent is asked to do on a workflow session. */
export interface SubAgentTask {
  sessionId: string
  /** What it looks up. */
  query: string
  /** Whether it passes the session's current phase when it has looked things up. */
  advance: boolean
}

/** What it found. `instance` and `phase` are as it saw them through its own connection. */
export interface SubAgentReport {
  /** Its `Mcp-Session-Id` is its own; this name only tells sub-agents apart. */
  agent: string
  instance: string
  phase: number
  found: string[]
}

/**
 * A sub-agent: a client of our own server, which calls back over HTTP with a connection and an MCP session of its own
 * while the tool call that started it is still open. It leaves neither behind, whatever happens.
 */
export class SubAgent {
  readonly #name: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #caller: HttpCaller

  constructor(url: string, name: string) {
    this.#name = name
    this.#caller = new HttpCaller({ url, agent: this.#agent, name })
  }

  async run(task: SubAgentTask, signal: AbortSignal): Promise<SubAgentReport> {
    if (resources.hasSubscribers) resources.publish({ event: 'open', resource: 'sub-agent', id: this.#name })
    try {
      return await this.#work(task, signal)
    } finally {
      await this.#leave()
      if (resources.hasSubscribers) resources.publish({ event: 'close', resource: 'sub-agent', id: this.#name })
    }
  }

  async #work({ sessionId, query, advance }: SubAgentTask, signal: AbortSignal): Promise<SubAgentReport> {
    const { hits } = (await this.#call('search', { query }, signal)) as { hits: { title: string }[] }
    const tool = advance ? 'advance_workflow' : 'get_session'
    const session = (await this.#call(tool, { sessionId }, signal)) as { instance: string; phase: number }
    const found = hits.map(({ title }) => title)
    return { agent: this.#name, instance: session.instance, phase: session.phase, found }
  }

  /** Calls a tool. Throws a {@link Refusal} when it was refused, by the tool or by the server that is shutting down. */
  async #call(tool: string, input: object, signal: AbortSignal): Promise<ToolAnswer['structured']> {
    try {
      const answer = await this.#caller.call(tool, input, signal)
      if (!answer.isError) return answer.structured
      throw new RpcRefusal(answer.text, 0)
    } catch (error) {
      if (!(error instanceof RpcRefusal)) throw error
      throw new Refusal('sub-agent-failed', `the sub-agent's ${tool} was refused: ${error.message}`)
    }
  }

  /** Ends the MCP session. One that cannot be reached any more is left to the idle reaper of its server. */
  async #leave(): Promise<void> {
    try {
      await this.#caller.close(AbortSignal.timeout(1_000))
    } catch {
      // The work is done or has failed already; what came of it must not be hidden by a failed farewell.
    } finally {
      this.#agent.destroy()
    }
  }
}
