import { open, readFile } from 'node:fs/promises'
import { HarnessError, messageOf } from '../errors.ts'
import type { History, HistoryEvent } from './event.ts'
import { parseEvent } from './parse-event.ts'

type File = Awaited<ReturnType<typeof open>>

/**
 * Keeps the history of a run in memory, in order of time, and on disk as JSON lines.
 *
 * What the target publishes arrives in batches, later than it happened. So events wait in `#pending` until a watermark
 * says that nothing older can come, and only then are they sorted and written: the file is in order, and after a crash
 * it is whole up to the last watermark. An event that is later than that is written where it arrives;
 * {@link readHistory} puts it in its place.
 */
export class Journal {
  readonly #file: File
  readonly #path: string
  readonly #settled: HistoryEvent[] = []
  #pending: HistoryEvent[] = []
  #writing: Promise<void> = Promise.resolve()
  #failure: HarnessError | null = null

  private constructor(file: File, path: string) {
    this.#file = file
    this.#path = path
  }

  /** Creates the file, or empties it. Throws `ERR_OUTPUT` when it cannot be written. */
  static async create(path: string): Promise<Journal> {
    try {
      return new Journal(await open(path, 'w'), path)
    } catch (error) {
      throw unwritable(path, error)
    }
  }

  /** Why the file is incomplete, once a write has failed (a full disk); the history in memory goes on. */
  get failure(): HarnessError | null {
    return this.#failure
  }

  /** Adds an event; cheap, and never waits for the disk. */
  add(event: HistoryEvent): void {
    this.#pending.push(event)
  }

  /** Everything recorded so far, in order of time. */
  history(): History {
    return [...this.#settled, ...inOrder(this.#pending)].sort(byTime)
  }

  /** Writes what happened up to `watermarkMs`; resolves when the file holds it. */
  flush(watermarkMs: number): Promise<void> {
    const due = inOrder(this.#pending.filter(({ timeMs }) => timeMs <= watermarkMs))
    if (due.length === 0) return this.#writing
    this.#pending = this.#pending.filter(({ timeMs }) => timeMs > watermarkMs)
    for (const event of due) this.#settled.push(event)
    const text = due.map((event) => `${encode(event)}\n`).join('')
    this.#writing = this.#writing.then(() => this.#write(text))
    return this.#writing
  }

  /** Writes everything that is left and closes the file. */
  async close(): Promise<void> {
    await this.flush(Number.POSITIVE_INFINITY)
    await this.#file.close()
  }

  async #write(text: string): Promise<void> {
    if (this.#failure) return
    try {
      await this.#file.appendFile(text)
    } catch (error) {
      this.#failure = unwritable(this.#path, error)
    }
  }
}

/** A history that was read back. */
export interface SavedHistory {
  history: History
  /** What is missing at the end, when the last line was cut off in the middle of being written; else null. */
  truncated: string | null
}

/**
 * Reads a `history.jsonl`. A last line that was cut off (the run was killed, the disk was full) ends the history there
 * and is reported. Throws `ERR_RECORD_INVALID`, with the line's number, when anything else is wrong.
 */
export async function readHistory(path: string): Promise<SavedHistory> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new HarnessError('ERR_RECORD_INVALID', `cannot read the history ${path}: ${messageOf(error)}`)
  })
  const lines = text.split('\n')
  const last = lines.pop() as string
  const history = lines.flatMap((line, index) => (line.trim() === '' ? [] : [parseLine(path, line, index + 1)]))
  const truncated = last.trim() === '' || tryAppend(history, last) ? null : cutOff(path, lines.length + 1)
  return { history: history.sort(byTime), truncated }
}

/** A line without a line feed was cut off, or a hand wrote it: it counts when it is whole. */
function tryAppend(history: HistoryEvent[], line: string): boolean {
  try {
    history.push(parseEvent(line))
    return true
  } catch {
    return false
  }
}

function parseLine(path: string, line: string, number: number): HistoryEvent {
  try {
    return parseEvent(line)
  } catch (error) {
    throw new HarnessError('ERR_RECORD_INVALID', `${path}, line ${number}: ${messageOf(error)}`)
  }
}

function cutOff(path: string, line: number): string {
  return `${path} was cut off in line ${line}; what follows is not judged`
}

/** Sorting is stable: events of one moment keep the order in which they were recorded. */
function inOrder(events: readonly HistoryEvent[]): HistoryEvent[] {
  return [...events].sort(byTime)
}

function byTime(a: HistoryEvent, b: HistoryEvent): number {
  return a.timeMs - b.timeMs
}

/** What a target or a client may hand over that JSON cannot hold becomes text: the record must never fail a run. */
function encode(event: HistoryEvent): string {
  try {
    return JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  } catch {
    return JSON.stringify({ ...event, ...unencodable(event) })
  }
}

/** An event's own data, which is the only part that may be cyclic, as text. */
function unencodable(event: HistoryEvent): Partial<Record<'input' | 'output' | 'data' | 'value', unknown>> {
  if (event.type === 'probe') return { value: { unencodable: String(event.value) } }
  const data = Object.entries(event).filter(([, value]) => typeof value === 'object')
  return Object.fromEntries(data.map(([name, value]) => [name, String(value)]))
}

function unwritable(path: string, error: unknown): HarnessError {
  return new HarnessError('ERR_OUTPUT', `cannot write the history ${path}: ${messageOf(error)}`)
}
