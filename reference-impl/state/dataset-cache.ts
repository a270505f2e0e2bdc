import { createHash } from 'node:crypto'
import { GuardedCache } from '../sync/guarded-cache.ts'
import type { DatasetSpec } from './job.ts'

/** A series of measurements in shared memory, which all threads read and nobody changes. */
export interface Dataset {
  /** Tells two that were made for one name apart. */
  readonly instance: string
  readonly points: Float64Array
}

export interface DatasetCacheOptions {
  /** Makes the points, in a worker thread. */
  make: (spec: DatasetSpec) => Promise<Float64Array>
  /** How many points a dataset has. */
  points: number
  /** How many datasets are kept; the oldest goes first. */
  limit: number
  ttlMs: number
  /** The datasets that there are; any, when it is null. */
  known: readonly string[] | null
}

/** The datasets that analyses are about: each is made once, however many analyses ask for it at the same time. */
export class DatasetCache {
  protected readonly datasets: GuardedCache<Dataset>
  readonly #options: DatasetCacheOptions
  #made = 0

  constructor(options: DatasetCacheOptions) {
    this.#options = options
    this.datasets = new GuardedCache({ name: 'datasets', ttlMs: options.ttlMs, instanceOf: ({ instance }) => instance })
  }

  /** The points of a dataset. Rejects when there is none of that name. */
  async points(name: string): Promise<Float64Array> {
    if (this.#options.known?.includes(name) === false) throw new Error(`there is no dataset ${name}`)
    const { points } = await this.datasets.getOrCreate(name, (missing) => this.#make(missing))
    return points
  }

  /** Removes what has expired; returns how many datasets that were. */
  removeExpired(): number {
    return this.datasets.removeExpired()
  }

  async #make(name: string): Promise<Dataset> {
    const points = await this.#options.make({ kind: 'dataset', seed: seedOf(name), steps: this.#options.points })
    const surplus = this.datasets.size - this.#options.limit + 1
    for (const oldest of this.datasets.keys().slice(0, Math.max(0, surplus))) this.datasets.delete(oldest, 'capacity')
    return { instance: `${name}@${++this.#made}`, points }
  }
}

/** A dataset is made up from its name. */
function seedOf(name: string): number {
  return createHash('sha256').update(name).digest().readInt32LE()
}
