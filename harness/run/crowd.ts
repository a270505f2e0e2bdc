import type { Crowd } from '../scenario.ts'

/**
 * The clients of a round, as the script sees them. `isMistake` tells an error of the script itself, which `attempt`
 * must not hide; `start` is the place of the first client in the whole crowd.
 */
export class ClientCrowd<Client> implements Crowd<Client> {
  readonly #clients: readonly Client[]
  readonly #isMistake: (thrown: unknown) => boolean
  readonly #start: number

  constructor(clients: readonly Client[], isMistake: (thrown: unknown) => boolean, start = 0) {
    this.#clients = clients
    this.#isMistake = isMistake
    this.#start = start
  }

  get size(): number {
    return this.#clients.length
  }

  at(index: number): Client {
    const client = this.#clients[index]
    if (client !== undefined) return client
    throw new RangeError(`at(${index}) expects a place below the crowd's size, which is ${this.size}`)
  }

  async all<T>(action: (client: Client, index: number) => Promise<T>): Promise<T[]> {
    const settled = await this.#settle(action)
    return settled.map((result) => {
      if (result.status === 'rejected') throw result.reason
      return result.value
    })
  }

  async attempt<T>(action: (client: Client, index: number) => Promise<T>): Promise<(T | undefined)[]> {
    const settled = await this.#settle(action)
    return settled.map((result) => {
      if (result.status === 'fulfilled') return result.value
      if (this.#isMistake(result.reason)) throw result.reason
      return undefined
    })
  }

  rest(count: number): Crowd<Client> {
    return new ClientCrowd(this.#clients.slice(count), this.#isMistake, this.#start + count)
  }

  first(count: number): Crowd<Client> {
    return new ClientCrowd(this.#clients.slice(0, count), this.#isMistake, this.#start)
  }

  /** Waits for all, also after one has failed: a client that is left alone would go on into the next step. */
  #settle<T>(action: (client: Client, index: number) => Promise<T>): Promise<PromiseSettledResult<T>[]> {
    return Promise.allSettled(this.#clients.map(async (client, index) => action(client, this.#start + index)))
  }
}
