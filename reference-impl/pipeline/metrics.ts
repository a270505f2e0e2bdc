import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Admission } from './admission.ts'
import type { CloseReason } from './sink.ts'
import type { StreamHub } from './stream-hub.ts'

/** The server's figures for Prometheus, in a registry of its own, so that several servers can live in one process. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #plans: Counter<'outcome'>
  readonly #disconnects: Counter<'transport' | 'reason'>
  readonly #requests: Histogram<'method' | 'route' | 'status'>

  constructor() {
    const registers = [this.#registry]
    this.#plans = new Counter({
      name: 'pipeline_plans_ended_total',
      help: 'Plans that have ended, by outcome.',
      labelNames: ['outcome'],
      registers,
    })
    this.#disconnects = new Counter({
      name: 'pipeline_disconnects_total',
      help: 'Subscriptions that the server has ended, by transport and reason.',
      labelNames: ['transport', 'reason'],
      registers,
    })
    this.#requests = new Histogram({
      name: 'pipeline_request_seconds',
      help: 'Time from a request to the head of its response.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
      registers,
    })
  }

  /** Shows figures that others keep; they are read when somebody asks. */
  observe(admission: Admission, hub: StreamHub): void {
    this.#gauge('pipeline_plans_running', 'Plans that are running.', () => admission.runningPlans)
    this.#gauge('pipeline_connections', 'Event connections that are open.', () => admission.connections)
    this.#gauge('pipeline_streams', 'Streams that are in memory.', () => hub.size)
  }

  planEnded(outcome: string): void {
    this.#plans.inc({ outcome })
  }

  disconnected(transport: string, reason: CloseReason): void {
    this.#disconnects.inc({ transport, reason })
  }

  answered(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status: String(status) }, seconds)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** All figures in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read())
      },
    })
  }
}
