import type { Socket } from 'node:net'
import type { CutAfter, CutEnding, Direction, FaultableLink } from '../../fault/fault.ts'
import type { Random } from '../../random.ts'
import { Pipe } from './pipe.ts'

/** A connection through the proxy: a socket to the client, one to the target, and a pipe each way. */
export class Link implements FaultableLink {
  readonly #client: Socket
  readonly #target: Socket
  readonly #up: Pipe
  readonly #down: Pipe

  constructor(client: Socket, target: Socket, random: Random) {
    this.#client = client
    this.#target = target
    this.#up = new Pipe(client, target, random.fork('up'))
    this.#down = new Pipe(target, client, random.fork('down'))
  }

  delay(direction: Direction, delayMs: number, jitterMs: number): () => void {
    return this.#each(direction, (pipe) => pipe.delay(delayMs, jitterMs))
  }

  stall(direction: Direction): () => void {
    return this.#each(direction, (pipe) => pipe.stall())
  }

  throttle(direction: Direction, bytesPerSecond: number): () => void {
    return this.#each(direction, (pipe) => pipe.throttle(bytesPerSecond))
  }

  /** The proxy holds everything and delivers it after healing, as TCP would by sending it again. */
  partition(): () => void {
    return this.stall('both')
  }

  split(direction: Direction, pieces: number): () => void {
    return this.#each(direction, (pipe) => pipe.split(pieces))
  }

  merge(direction: Direction, withinMs: number): () => void {
    return this.#each(direction, (pipe) => pipe.merge(withinMs))
  }

  cut(direction: Direction, after: CutAfter, ending: CutEnding): () => void {
    const end = ending === 'reset' ? () => this.reset() : () => this.#hangUp()
    return this.#each(direction, (pipe) => pipe.cut(after, end))
  }

  reset(): void {
    this.#client.resetAndDestroy()
    this.#target.resetAndDestroy()
  }

  halfOpen(): void {
    this.#up.close()
    this.#down.close()
    // The client's own end must learn it, or it would wait for ever; the target hears nothing.
    this.#client.resetAndDestroy()
  }

  /** Ends both sides at once, without a word about what was under way. */
  destroy(): void {
    this.#client.destroy()
    this.#target.destroy()
  }

  /** Says goodbye to both sides, and takes nothing from them any more. */
  #hangUp(): void {
    this.#up.close()
    this.#down.close()
    this.#client.destroySoon()
    this.#target.destroySoon()
  }

  #each(direction: Direction, impose: (pipe: Pipe) => () => void): () => void {
    const pipes = [...(direction === 'down' ? [] : [this.#up]), ...(direction === 'up' ? [] : [this.#down])]
    const heals = pipes.map(impose)
    return () => {
      for (const heal of heals) heal()
    }
  }
}
