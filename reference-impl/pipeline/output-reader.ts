import type { Readable } from 'node:stream'
import { resources } from 'raceproof/probe'

/** Takes one line; wait for the promise, if there is one, before the next. */
export type OnLine = (line: string) => Promise<void> | undefined

/** Reads one pipe of a process to its end, line by line, and no faster than its lines are taken. */
export class OutputReader {
  readonly #id: string
  readonly #maxLineLength: number

  constructor(id: string, { maxLineLength }: { maxLineLength: number }) {
    this.#id = id
    this.#maxLineLength = maxLineLength
  }

  /** Resolves when the pipe has ended or was destroyed; rejects when `onLine` throws. */
  async read(pipe: Readable, onLine: OnLine): Promise<void> {
    this.#publish('open')
    try {
      await this.#readLines(pipe, onLine)
    } catch (error) {
      if (!wasDestroyed(error)) throw error
    } finally {
      this.#publish('close')
    }
  }

  async #readLines(pipe: Readable, onLine: OnLine): Promise<void> {
    pipe.setEncoding('utf8')
    let unfinished = ''
    for await (const chunk of pipe) {
      const lines = `${unfinished}${chunk}`.split('\n')
      unfinished = lines.pop() as string
      // A line that never ends must not fill the memory: what is too long already goes out as a line of its own.
      while (unfinished.length > this.#maxLineLength) {
        lines.push(unfinished.slice(0, this.#maxLineLength))
        unfinished = unfinished.slice(this.#maxLineLength)
      }
      await this.#pass(lines, onLine)
    }
    if (unfinished !== '') await this.#pass([unfinished], onLine)
  }

  async #pass(lines: readonly string[], onLine: OnLine): Promise<void> {
    for (const line of lines) {
      for (const piece of this.#pieces(line)) {
        const room = onLine(piece)
        if (room) await room
      }
    }
  }

  *#pieces(line: string): Generator<string> {
    const end = line.endsWith('\r') ? line.length - 1 : line.length
    for (let from = 0; from === 0 || from < end; from += this.#maxLineLength) {
      yield line.slice(from, Math.min(end, from + this.#maxLineLength))
    }
  }

  #publish(event: 'open' | 'close'): void {
    if (resources.hasSubscribers) resources.publish({ event, resource: 'reader', id: this.#id })
  }
}

function wasDestroyed(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'ERR_STREAM_PREMATURE_CLOSE'
}
