import { EventEmitter } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { SqliteDatabase, type SqliteThread } from './sqlite-database.ts'
import { type SqliteRequest, SqliteService } from './sqlite-service.ts'

/**
 * The embedded database for a world without threads: in memory, and in the thread of those who ask. Requests and replies
 * are messages all the same, so that whoever waits for a statement waits for an event.
 */
export class SqliteInThread extends SqliteDatabase {
  constructor(_file: string | null, options: { maxBytes?: number | null } = {}) {
    super(null, options)
  }

  protected override startThread(): SqliteThread {
    return new ServiceBehindPorts()
  }
}

class ServiceBehindPorts extends EventEmitter implements SqliteThread {
  readonly #service = new SqliteService()
  readonly #channel = new MessageChannel()

  constructor() {
    super()
    const { port1, port2 } = this.#channel
    port1.on('message', (reply) => this.emit('message', reply))
    port2.on('message', (request: SqliteRequest) => port2.postMessage(this.#service.answer(request)))
  }

  postMessage(request: SqliteRequest): void {
    this.#channel.port1.postMessage(request)
  }

  async terminate(): Promise<void> {
    const closed = new Promise((resolve) => this.#channel.port1.once('close', resolve))
    this.#channel.port1.close()
    await closed
    this.#service.close()
    this.emit('exit')
  }
}
