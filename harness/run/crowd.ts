import type { Crowd } from '../scenario.ts'

/** A client, and its place in the whole crowd. */
interface Member<Client> {
  readonly client: Client
  readonly index: number
}

export interface CrowdRules {
  /** Tells an error of the script itself, which `attempt` must not hide. */
  isMistake(thrown: unknown): boolean
  /** How many processes of the target the clients are dealt out to, by turns. */
  processes: number
}

/** The clients of a round, as the script sees them. */
export class ClientCrowd<Client> implements Crowd<Client> {
  readonly #members: readonly Member<Client>[]
  readonly #rules: CrowdRules

  private constructor(members: readonly Member<Client>[], rules: CrowdRules) {
    this.#members = members
    this.#rules = rules
  }

  static of<Client>(clients: readonly Client[], rules: CrowdRules): ClientCrowd<Client> {
    return new ClientCrowd(
      clients.map((client, index) => ({ client, index })),
      rules,
    )
  }

  get size(): number {
    return this.#members.length
  }

  at(index: number): Client {
    const member = this.#members[index]
    if (member !== undefined) return member.client
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
      if (this.#rules.isMistake(result.reason)) throw result.reason
      return undefined
    })
  }

  rest(count: number): Crowd<Client> {
    return new ClientCrowd(this.#members.slice(count), this.#rules)
  }

  first(count: number): Crowd<Client> {
    return new ClientCrowd(this.#members.slice(0, count), this.#rules)
  }

  on(process: number): Crowd<Client> {
    const { processes } = this.#rules
    if (!(Number.isInteger(process) && process >= 0 && process < processes)) {
      throw new RangeError(`on(${process}) expects one of the target's processes, which are ${processes}, from 0`)
    }
    const own = this.#members.filter(({ index }) => index % processes === process)
    return new ClientCrowd(own, this.#rules)
  }

  /** Waits for all, also after one has failed: a client that is left alone would go on into the next step. */
  #settle<T>(action: (client: Client, index: number) => Promise<T>): Promise<PromiseSettledResult<T>[]> {
    return Promise.allSettled(this.#members.map(async ({ client, index }) => action(client, index)))
  }
}
