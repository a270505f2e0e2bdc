import { Agent, type AgentOptions } from 'node:http'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { type ClientContext, type Fault, type HistoryEvent, Random } from 'raceproof'
import { Recorder } from '../../../../harness/history/recorder.ts'
import { type ClientParts, clientParts } from '../../../../reference-impl/pipeline/client/parts.ts'
import { PipelineClient } from '../../../../reference-impl/pipeline/target-client.ts'

/** An agent that knows the connections it opened. */
class KnowingAgent extends Agent {
  readonly #opened: (socket: Socket) => void

  constructor(options: AgentOptions, opened: (socket: Socket) => void) {
    super(options)
    this.#opened = opened
  }

  override createConnection(options: NetConnectOpts): Socket {
    const socket = connect(options)
    this.#opened(socket)
    return socket
  }
}

/** The least world in which clients of the target can run: real sockets, a recorder, and nothing in between. */
export class RecordedWorld {
  readonly history: HistoryEvent[] = []
  /** The faults that clients asked for, with the sockets that they were meant for. */
  readonly faults: { socket: Socket; fault: Fault }[] = []
  readonly #url: string
  readonly #recorder: Recorder
  readonly #givingUp: AbortController[] = []
  readonly #agents: Agent[] = []
  readonly #sockets: Socket[] = []

  constructor(url: string) {
    this.#url = url
    const startMs = performance.now()
    this.#recorder = new Recorder(
      () => performance.now() - startMs,
      (event) => this.history.push(event),
    )
  }

  client(index = 0): PipelineClient {
    return new PipelineClient(this.context(index))
  }

  context(index: number): ClientContext<ClientParts> {
    const id = `c${index}`
    const agent = new KnowingAgent({ keepAlive: true }, (socket) => this.#sockets.push(socket))
    const givingUp = new AbortController()
    this.#agents.push(agent)
    this.#givingUp.push(givingUp)
    const { hostname, port } = new URL(this.#url)
    return {
      id,
      index,
      url: this.#url,
      parts: clientParts,
      random: new Random(1).fork(id),
      agent,
      connect: () => {
        const socket = connect(Number(port), hostname)
        this.#sockets.push(socket)
        return socket
      },
      stdio: null,
      signal: givingUp.signal,
      call: (f, input, run, options) => this.#recorder.call(id, f, input, run, options?.readOnly),
      subscribe: (subscribing) => this.#recorder.subscribe(id, subscribing),
      fault: (socket, fault) => {
        this.faults.push({ socket, fault })
        if (fault.name === 'reset') socket.resetAndDestroy()
        return () => {}
      },
    }
  }

  /** Ends every connection of every client without a word. */
  breakConnections(): void {
    for (const socket of this.#sockets.splice(0)) socket.resetAndDestroy()
  }

  /** Whether any client still holds a connection. */
  get connected(): boolean {
    return this.#sockets.some((socket) => !socket.destroyed)
  }

  /** Gives up what is still open, as the harness does at the end of the settle phase. */
  giveUp(): void {
    for (const each of this.#givingUp) each.abort()
  }

  /** What happened, one line an event: `invoke watch`, `fail watch 404`, `subscribe after 3`, `event 4 log`, `end complete`. */
  told(): string[] {
    return this.history.map((event) => lineOf(event))
  }

  close(): void {
    this.giveUp()
    for (const agent of this.#agents) agent.destroy()
  }
}

function lineOf(event: HistoryEvent): string {
  if (event.type === 'observe') {
    if (event.f === 'subscribe') return `subscribe ${event.via} after ${event.after}`
    if (event.f === 'event') return `event ${event.id} ${event.kind}`
    return event.f === 'end' ? `end ${event.reason}` : `gap ${event.from}-${event.to}`
  }
  if (event.type === 'invoke' || event.type === 'ok') return `${event.type} ${event.f}`
  if (event.type === 'fail' || event.type === 'info') return `${event.type} ${event.f} ${event.status ?? event.error}`
  return event.type
}
