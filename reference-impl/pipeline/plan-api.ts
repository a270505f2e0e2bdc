import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EventStream } from './event-stream.ts'
import { labelOf, type PlanKey, type PlanRecord } from './plan.ts'
import type { PlanRegistry } from './plan-registry.ts'
import { parsePlanSpec } from './plan-spec.ts'
import { Refusal } from './refusal.ts'
import { streamHeader } from './reply-headers.ts'
import { queryOf, readJson, startOf, wholeNumber } from './request.ts'
import type { StreamHub } from './stream-hub.ts'

export interface PlanApiOptions {
  registry: PlanRegistry
  hub: StreamHub
  maxBodyBytes: number
}

/** The requests about plans that are answered at once. */
export class PlanApi {
  readonly #registry: PlanRegistry
  readonly #hub: StreamHub
  readonly #maxBodyBytes: number

  constructor({ registry, hub, maxBodyBytes }: PlanApiOptions) {
    this.#registry = registry
    this.#hub = hub
    this.#maxBodyBytes = maxBodyBytes
  }

  async create(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const spec = parsePlanSpec(await readJson(request, this.#maxBodyBytes))
    const plan = await this.#registry.create(spec)
    response.setHeader('location', `/api/plans/${plan.id}`)
    nameStream(response, plan)
    sendJson(response, 201, shown(plan))
  }

  async list(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const limit = wholeNumber('limit', queryOf(request).get('limit'), { fallback: 100, from: 1, to: 1000 })
    const plans = await this.#registry.list(limit)
    sendJson(response, 200, { plans: plans.map(shown) })
  }

  async show(_request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    const plan = await livingPlan(this.#registry, id)
    nameStream(response, plan)
    sendJson(response, 200, shown(plan))
  }

  async remove(_request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    nameStream(response, await this.#registry.delete(id))
    response.writeHead(204).end()
  }

  /** The events after a given one, for clients to which nothing can be streamed. */
  async events(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    const after = startOf(request)
    const limit = wholeNumber('limit', queryOf(request).get('limit'), { fallback: 500, from: 1, to: 1000 })
    const plan = await livingPlan(this.#registry, id)
    nameStream(response, plan)
    const stream = await this.#hub.streamOf(plan)
    assertReached(stream, after)
    const { events, gap } = await stream.pageAfter(after, limit)
    const last = events.at(-1)?.id ?? gap?.to ?? after
    const rest = { gap, state: plan.state, lastEventId: stream.lastId, ended: stream.ended && last >= stream.lastId }
    const frames = events.map((event) => event.jsonFrame()).join(',')
    sendText(response, 200, `{"events":[${frames}],${JSON.stringify(rest).slice(1)}`)
  }

  async status(_request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    const plan = await livingPlan(this.#registry, id)
    nameStream(response, plan)
    const stream = await this.#hub.streamOf(plan)
    sendJson(response, 200, {
      id,
      state: plan.state,
      ready: true,
      subscribers: stream.subscriberCount,
      lastEventId: stream.lastId,
      acked: stream.acked,
      unstoredEvents: stream.unstoredEvents,
      bufferedEvents: stream.bufferedEvents,
      longestQueue: stream.longestQueue,
    })
  }
}

/** Says which life of the id a reply is about, so that a client that comes back notices when it is another one. */
export function nameStream(response: ServerResponse, plan: PlanKey): void {
  response.setHeader(streamHeader, labelOf(plan))
}

/** The plan of this id. Throws a Refusal: 404 when none was ever accepted, 410 when it was deleted. */
export async function livingPlan(registry: PlanRegistry, id: string): Promise<PlanRecord> {
  const plan = await registry.find(id)
  if (plan === undefined) throw new Refusal(404, `no plan '${id}' was ever accepted`)
  if (plan.state === 'deleted') throw new Refusal(410, `plan '${id}' was deleted`)
  return plan
}

/** Throws a Refusal with status 400 when a reader claims to have seen an event that is not there yet. */
export function assertReached(stream: EventStream, after: number): void {
  if (after <= stream.lastId) return
  throw new Refusal(400, `the last event so far is ${stream.lastId}; nothing can be sent from after ${after}`)
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  sendText(response, status, JSON.stringify(body))
}

function sendText(response: ServerResponse, status: number, json: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(json)
}

/** A plan as clients see it. */
function shown(plan: PlanRecord): object {
  const { id, state, createdAt, linesRead, lastEventId, exitCode, reason } = plan
  const created = new Date(createdAt).toISOString()
  return { id, stream: labelOf(plan), state, createdAt: created, linesRead, lastEventId, exitCode, reason }
}
