export type EventType = 'log' | 'progress' | 'completed' | 'failed' | 'deleted'

/** What each type of event carries. */
export interface EventData {
  log: { source: OutputSource; line: string }
  progress: { lines: number; of: number | null }
  completed: { exitCode: number; lines: LineCounts | null }
  failed: { reason: string; exitCode: number | null; signal: string | null; lines: LineCounts | null }
  deleted: Record<string, never>
}

export type OutputSource = 'stdout' | 'stderr'
export type LineCounts = Record<OutputSource, number>

const terminalTypes: ReadonlySet<string> = new Set<EventType>(['completed', 'failed', 'deleted'])

/** The frame around an event's data on the wire, roughly; queues count it as well. */
const frameBytes = 48

/**
 * One event of a plan's stream. The data is kept as JSON text: it is written once and sent to many.
 */
export class StreamEvent {
  /** 1, 2, … without holes. */
  readonly id: number
  readonly type: EventType
  readonly json: string

  constructor(id: number, type: EventType, json: string) {
    this.id = id
    this.type = type
    this.json = json
  }

  /** Nothing comes after it. */
  get terminal(): boolean {
    return terminalTypes.has(this.type)
  }

  get bytes(): number {
    return this.json.length + frameBytes
  }

  sseFrame(): string {
    return `id: ${this.id}\nevent: ${this.type}\ndata: ${this.json}\n\n`
  }

  /** The event as a JSON object `{id, type, data}`: a WebSocket frame, and an item of the REST answer. */
  jsonFrame(): string {
    return `{"id":${this.id},"type":"${this.type}","data":${this.json}}`
  }
}
