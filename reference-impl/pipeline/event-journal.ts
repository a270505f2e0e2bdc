import { AsyncResource } from 'node:async_hooks'
import type { PlanStore, StoredEntry } from './plan-store.ts'

/** What gets its events back once they are stored. */
export interface JournalReader {
  /** The events were stored, in order; they may be shown to others. */
  stored(entry: StoredEntry): void
}

interface Batch {
  readonly entries: { readonly reader: JournalReader; readonly entry: StoredEntry }[]
  readonly written: Promise<void>
  readonly settle: (error?: unknown) => void
}

/**
 * Stores the events of all plans, many in one transaction: while one batch is written, the next one gathers. An event
 * is shown to subscribers when it is stored and no sooner, so that a crash never takes back what somebody has seen.
 */
export class EventJournal {
  readonly #store: PlanStore
  readonly #batchEvents: number
  // The writer serves all plans. It must not run in the async context of the one whose event happened to wake it: a
  // re-entrant lock would take it for that plan's owner.
  readonly #context = new AsyncResource('EventJournal')
  #gathering: Batch | null = null
  #writing = false

  constructor(store: PlanStore, { batchEvents }: { batchEvents: number }) {
    this.#store = store
    this.#batchEvents = batchEvents
  }

  /** Whether enough has gathered that whoever produces events should wait for `append`'s promise. */
  get full(): boolean {
    return (this.#gathering?.entries.length ?? 0) >= this.#batchEvents
  }

  /** Takes an event to be stored. The promise resolves when it is, and rejects when it could not be: listen to it. */
  append(reader: JournalReader, entry: StoredEntry): Promise<void> {
    this.#gathering ??= openBatch()
    this.#gathering.entries.push({ reader, entry })
    const { written } = this.#gathering
    this.#wake()
    return written
  }

  #wake(): void {
    if (this.#writing) return
    this.#writing = true
    // One microtask later: the other lines of the same chunk of output then go into the same batch.
    this.#context.runInAsyncScope(() => queueMicrotask(() => void this.#writeAll()))
  }

  async #writeAll(): Promise<void> {
    for (let batch = this.#take(); batch; batch = this.#take()) await this.#write(batch)
    this.#writing = false
  }

  #take(): Batch | null {
    const batch = this.#gathering
    this.#gathering = null
    return batch
  }

  async #write(batch: Batch): Promise<void> {
    try {
      await this.#store.append(batch.entries.map(({ entry }) => entry))
      for (const { reader, entry } of batch.entries) reader.stored(entry)
      batch.settle()
    } catch (error) {
      this.failed(batch, error)
    }
  }

  /** Has everybody who waits for the batch hear that it could not be stored. */
  protected failed(batch: Batch, error: unknown): void {
    batch.settle(error)
  }
}

function openBatch(): Batch {
  let settle!: Batch['settle']
  const written = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === undefined ? resolve() : reject(error))
  })
  return { entries: [], written, settle }
}
