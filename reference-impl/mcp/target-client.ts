import { setTimeout as sleep } from 'node:timers/promises'
import { CallAbandoned, CallFailed, type ClientContext } from 'raceproof'
import type { CacheCounts } from './cache-metrics.ts'
import type { Checkpoint } from './checkpoint-loader.ts'
import { HttpCaller } from './http-caller.ts'
import { internalError, RpcFault, RpcRefusal, type ToolAnswer, type ToolCaller } from './json-rpc.ts'
import { LineCaller } from './line-caller.ts'
import type { Metadata, Workflow } from './metadata-file.ts'
import type { SearchHit } from './rag-engine.ts'
import type { RefusalReason } from './refusal.ts'
import type { McpParts } from './server.ts'
import type { SubAgentReport } from './sub-agent.ts'
import type { CacheName, SessionView } from './workflow-engine.ts'

/** An answer, with the marker of the call that it answers. */
export type Marked<Output> = Output & { marker: string }

/** How long a client waits before it asks for the same again: at first, and when it has asked often. */
const askAgainMs = 10
const askAgainAtLastMs = 250
const readOnly = { readOnly: true }
/** How a refusal for lack of room is told in the history, where HTTP has a status for it. */
const tooMany = 429

/**
 * A client of the MCP server. The first client of a crowd speaks stdio where there is one, all others speak HTTP, each
 * with an `Mcp-Session-Id` of its own. Every call carries a marker, which the answer to it must carry too.
 */
export class McpClient {
  readonly #context: ClientContext<McpParts>
  readonly #caller: ToolCaller
  #calls = 0

  constructor(context: ClientContext<McpParts>) {
    this.#context = context
    this.#caller = callerFor(context)
  }

  startWorkflow(sessionId: string, workflow = 'race-hunt'): Promise<Marked<SessionView>> {
    return this.#call('startWorkflow', 'start_workflow', { sessionId, workflow })
  }

  /** Starts a session in a workflow that may not be there yet: asks again until it is. */
  startOnceThere(sessionId: string, workflow: string): Promise<Marked<SessionView>> {
    const input = this.#marked({ sessionId, workflow })
    return this.#context.call('startOnceThere', input, () =>
      this.#askAgain(async () => {
        const answer = await this.#judged(() => this.#caller.call('start_workflow', input, this.#context.signal))
        return answer.structured.reason === 'unknown-workflow' ? null : outputOf('start_workflow', answer)
      }),
    )
  }

  /** Starts a session, however often the server goes away or fails meanwhile. */
  startAtLast(sessionId: string, workflow = 'race-hunt'): Promise<Marked<SessionView>> {
    return this.#atLast('startAtLast', 'start_workflow', { sessionId, workflow })
  }

  /** Passes a phase, however often the server goes away or fails meanwhile. It may pass several: nobody knows. */
  advanceAtLast(sessionId: string): Promise<Marked<SessionView>> {
    return this.#atLast('advanceAtLast', 'advance_workflow', { sessionId })
  }

  getSession(sessionId: string): Promise<Marked<SessionView>> {
    return this.#call('getSession', 'get_session', { sessionId }, readOnly)
  }

  advance(sessionId: string): Promise<Marked<SessionView>> {
    return this.#call('advance', 'advance_workflow', { sessionId })
  }

  search(query: string): Promise<Marked<{ hits: SearchHit[] }>> {
    return this.#call('search', 'search', { query }, readOnly)
  }

  loadCheckpoint(workflow: string, phase: string): Promise<Marked<Checkpoint>> {
    return this.#call('loadCheckpoint', 'load_checkpoint', { workflow, phase }, readOnly)
  }

  metadata(): Promise<Marked<Metadata>> {
    return this.#call('metadata', 'get_metadata', {}, readOnly)
  }

  updateMetadata(workflow: string, change: Partial<Workflow>): Promise<Marked<Metadata>> {
    return this.#call('updateMetadata', 'update_metadata', { workflow, ...change })
  }

  /** Runs a sub-agent, which looks `query` up and reads the session, or passes its phase when told to. */
  runSubagent(
    sessionId: string,
    query: string,
    { advance = false } = {},
  ): Promise<Marked<SessionView & { report: SubAgentReport }>> {
    return this.#call('runSubagent', 'run_subagent', { sessionId, query, advance })
  }

  clearSessionCache(): Promise<Marked<{ cleared: number }>> {
    return this.#call('clearSessionCache', 'clear_session_cache', {})
  }

  cacheMetrics({ reset = false } = {}): Promise<Marked<{ caches: Record<CacheName, CacheCounts> }>> {
    return this.#call('cacheMetrics', 'cache_metrics', { reset })
  }

  /** Ends the client's MCP session; its next call opens another one. */
  close(): Promise<void> {
    return this.#context.call('close', {}, () => this.#judged(() => this.#caller.close(this.#context.signal)))
  }

  #call<Output>(f: string, tool: string, input: object, options?: { readOnly: boolean }): Promise<Output> {
    const marked = this.#marked(input)
    const { signal } = this.#context
    return this.#context.call(
      f,
      marked,
      async () => outputOf<Output>(tool, await this.#judged(() => this.#caller.call(tool, marked, signal))),
      options,
    )
  }

  /** Calls a tool until the server says yes or no; one that was cut off, failed, or was busy has said nothing. */
  #atLast<Output>(f: string, tool: string, input: object): Promise<Output> {
    const marked = this.#marked(input)
    return this.#context.call(f, marked, () =>
      this.#askAgain(async () => {
        const answer = await this.#caller.call(tool, marked, this.#context.signal).catch(() => null)
        return answer === null || saysNothing(answer) ? null : outputOf<Output>(tool, answer)
      }),
    )
  }

  /** Asks until there is an answer, less and less often. Gives up when the client's time is over. */
  async #askAgain<T>(ask: () => Promise<T | null>): Promise<T> {
    const { signal } = this.#context
    for (let delayMs = askAgainMs; ; delayMs = Math.min(2 * delayMs, askAgainAtLastMs)) {
      const answer = await ask()
      if (answer !== null) return answer
      await sleep(delayMs, undefined, { signal }).catch(() => {})
      if (signal.aborted) throw new CallAbandoned()
    }
  }

  /** Gives a call's input the marker that its answer must carry too. */
  #marked<Input extends object>(input: Input): Input & { marker: string } {
    return { ...input, marker: `${this.#context.id}-${++this.#calls}` }
  }

  /** Says in the harness' words what the end of a call means. */
  async #judged<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      if (this.#context.signal.aborted) throw new CallAbandoned()
      if (error instanceof RpcRefusal) throw new CallFailed(error.message, error.status)
      throw error
    }
  }
}

function callerFor({ id, index, url, agent, stdio }: ClientContext<McpParts>): ToolCaller {
  if (stdio && (index === 0 || url === null)) return new LineCaller(stdio, id)
  if (url === null) throw new Error(`client ${id} has no way to the target: it serves neither HTTP nor stdio`)
  return new HttpCaller({ url: `${url}/mcp`, agent, name: id })
}

function saysNothing({ structured }: ToolAnswer): boolean {
  return structured.reason === 'internal' || structured.reason === 'busy'
}

/** What a tool returned. A declared refusal had no effect; after a fault of the server, nobody knows. */
function outputOf<Output>(tool: string, { isError, text, structured }: ToolAnswer): Output {
  if (!isError) return structured as Output
  if (structured.reason === 'internal') throw new RpcFault(`${tool}: ${text}`, internalError)
  const message = `${tool} was refused as ${structured.reason}: ${text}`
  throw new CallFailed(message, structured.reason === 'cap-reached' ? tooMany : undefined)
}

/** Why a tool declined a call, by the error that the history has of it; null when none did. */
export function refusalIn(error: string): RefusalReason | null {
  return (/ was refused as ([a-z-]+): /.exec(error)?.[1] ?? null) as RefusalReason | null
}
