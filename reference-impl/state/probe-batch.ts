import type { ProbeTopic, Relayed } from 'raceproof/probe'

/** Something that a worker thread published. */
export interface Published {
  topic: ProbeTopic
  message: object & Relayed
}

/** So many are posted together, at the latest. */
const limit = 100

/**
 * What a worker thread published, to be posted many at a time. Locks publish while they are held, and posting a message
 * takes longer than most sections; each message bears its own time, so that it may arrive later.
 */
export class ProbeBatch {
  readonly #post: (published: Published[]) => void
  #kept: Published[] = []

  constructor(post: (published: Published[]) => void) {
    this.#post = post
  }

  add(topic: ProbeTopic, message: object & Relayed): void {
    this.#kept.push({ topic, message })
    if (this.#kept.length >= limit) this.flush()
  }

  /** Posts what was kept until now. */
  flush(): void {
    if (this.#kept.length === 0) return
    this.#post(this.#kept)
    this.#kept = []
  }
}
