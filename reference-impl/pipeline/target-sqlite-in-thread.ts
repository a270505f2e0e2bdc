import { EventEmitter } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { SqliteDatabase, type SqliteThread } from './sqlite-database.ts'
import { type SqliteRequest, SqliteService } from './sqlite-service.ts'

/**
 * The embedded database for a world without threads: in memory, and in the thread of those who ask. Replies are messages all
 * the same, so that whoever waits for a statement waits for an event.
 *
 * A request is carried out when it is made. The thread might take its time, but nobody could tell: all that anyone learns
 * of the database are its replies, and those come in the order of the requests either way.
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
    this.#channel.port1.on('message', (reply) => this.emit('message', reply))
  }

  postMessage(request: SqliteRequest): void {
    this.#channel.port2.postMessage(this.#service.answer(request))
  }

  async terminate(): Promise<void> {
    const closed = new Promise((resolve) => this.#channel.port1.once('close', resolve))
    this.#channel.port1.close()
    await closed
    this.#service.close()
    this.emit('exit')
  }
}
