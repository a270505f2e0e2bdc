import type { ClientContext } from 'raceproof'
import { admissionOf, markerHeader } from './client/admission.ts'
import { sendJson } from './client/http.ts'
import type { ClientParts } from './client/parts.ts'
import { PlanClient } from './client/plan-client.ts'
import type { PlanEvent } from './client/plan-event.ts'
import { asCallError } from './target-call-error.ts'
import { Watcher, type WatchOrder } from './target-watcher.ts'

/** What a plan is to do; the server's `POST /api/plans` says what each field means. */
export interface PlanOrder {
  id?: string
  command?: string[]
  lines?: number
  stderrLines?: number
  /** Lines per second; 0 is as fast as the pipe takes them. */
  rate?: number
  lineBytes?: number
  exitCode?: number
  /** The last lines are printed by a grandchild, `delayMs` after the process has exited. */
  handOver?: { lines: number; delayMs: number }
}

/** A plan as the server shows it. */
export interface Plan {
  id: string
  /** This life of the plan: the same id may be created again after a deletion. */
  stream: string
  state: 'accepted' | 'running' | 'completed' | 'failed'
  linesRead: number
  lastEventId: number
  exitCode: number | null
  reason: string | null
}

/** The answer of the REST fallback. */
export interface EventsPage {
  events: PlanEvent[]
  gap: { from: number; to: number } | null
  state: string
  lastEventId: number
  ended: boolean
}

export interface StreamStatus {
  id: string
  state: string
  ready: boolean
  subscribers: number
  lastEventId: number
  acked: number | null
  /** Events of the plan that wait to be stored. */
  unstoredEvents: number
  /** Events of the plan that the server holds in memory. */
  bufferedEvents: number
  /** Events that wait for the subscriber with the fullest connection. */
  longestQueue: number
}

/** What every recorded answer holds: the marker of the request that it answers. */
interface Marked {
  marker: string
}

interface Ask {
  method?: string
  path: string
  body?: unknown
}

/** A client of the pipeline server that does one thing at a time, and has all of it recorded. */
export class PipelineClient {
  readonly #context: ClientContext<ClientParts>
  readonly #url: string
  #asked = 0

  /** Throws a TypeError when the target has no address: this one speaks HTTP. */
  constructor(context: ClientContext<ClientParts>) {
    if (context.url === null) throw new TypeError('expected the target to have an address, got none')
    this.#context = context
    this.#url = context.url
  }

  createPlan(order: PlanOrder = {}): Promise<Plan & Marked> {
    return this.#call('createPlan', { ...order }, { method: 'POST', path: '', body: order })
  }

  /** Deletes the plan, which ends it if it has not ended. */
  deletePlan({ id, stream }: Pick<Plan, 'id' | 'stream'>): Promise<Marked> {
    return this.#call('deletePlan', { id, stream }, { method: 'DELETE', path: `/${encodeURIComponent(id)}` })
  }

  getPlan(id: string): Promise<Plan & Marked> {
    return this.#call('getPlan', { id }, { path: `/${encodeURIComponent(id)}` })
  }

  listPlans(): Promise<{ plans: Plan[] } & Marked> {
    return this.#call('listPlans', {}, { path: '?limit=1000' })
  }

  /** The events after `after`, as the REST fallback gives them. */
  events(id: string, after = 0): Promise<EventsPage & Marked> {
    return this.#call('events', { id, after }, { path: `/${encodeURIComponent(id)}/events?after=${after}` })
  }

  status(id: string): Promise<StreamStatus & Marked> {
    return this.#call('status', { id }, { path: `/${encodeURIComponent(id)}/stream-status` })
  }

  /** Waits until the server is ready, as the client library does; says how often it asked, and how long that took. */
  ready(): Promise<{ asked: number; tookMs: number }> {
    const { agent, parts, random, signal } = this.#context
    return this.#context.call(
      'ready',
      {},
      async () => {
        const beganMs = performance.now()
        let asked = 0
        const client = new PlanClient({
          url: this.#url,
          agent,
          parts,
          random: () => random.real(),
          onAsk: () => asked++,
        })
        await client.ready(signal).catch((error) => {
          throw asCallError(error, signal)
        })
        return { asked, tookMs: performance.now() - beganMs }
      },
      { readOnly: true },
    )
  }

  /** Subscribes to a plan. Resolves when the server has let the client in. */
  watch(plan: Pick<Plan, 'id' | 'stream'>, order: WatchOrder = {}): Promise<Watcher> {
    return Watcher.open({ context: this.#context, url: this.#url, marker: this.#marker(), plan, ...order })
  }

  #marker(): string {
    return `${this.#context.id}-${this.#asked++}`
  }

  #call<T extends object>(f: string, input: object, ask: Ask): Promise<T & Marked> {
    const marker = this.#marker()
    const readOnly = ask.method === undefined
    return this.#context.call(f, { marker, ...input }, () => this.#send<T>(marker, ask), { readOnly })
  }

  async #send<T extends object>(marker: string, { method = 'GET', path, body }: Ask): Promise<T & Marked> {
    const { agent, signal } = this.#context
    // What has an effect gets a connection of its own: on one that was kept, the server may close it in that moment,
    // and then nobody would know whether there was an effect.
    const by = method === 'GET' ? { agent } : { createConnection: () => this.#context.connect() }
    try {
      const headers = { [markerHeader]: marker }
      const url = `${this.#url}/api/plans${path}`
      const { response, value } = await sendJson<T>(url, { method, ...by, signal, headers, body })
      return { ...value, marker: admissionOf(response.headers).marker }
    } catch (error) {
      throw asCallError(error as Error, signal)
    }
  }
}
