import type { WriteStream } from 'node:tty'
import type { Progress } from './stress.ts'

const barWidth = 20

/**
 * Shows what is going on: on a terminal one line that is drawn again with a bar for the rounds; elsewhere a plain line
 * for each phase, so that a log stays readable.
 */
export class ProgressLine {
  readonly #stream: WriteStream
  #last = ''

  constructor(stream: WriteStream) {
    this.#stream = stream
  }

  show(what: string, progress: Progress | null): void {
    if (this.#stream.isTTY) this.#draw(`${what}  ${progress === null ? '' : bar(progress)}`)
    else this.#log(progress === null ? what : `${what}: round ${progress.round}, ${progress.phase}`)
  }

  /** Leaves the terminal's line, so that what is printed next starts on its own. */
  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\u001b[K')
  }

  #draw(text: string): void {
    this.#stream.write(`\r\u001b[K${text.slice(0, (this.#stream.columns ?? 80) - 1)}`)
  }

  #log(text: string): void {
    if (text !== this.#last) this.#stream.write(`${text}\n`)
    this.#last = text
  }
}

function bar({ phase, round, rounds, calls, open, findings }: Progress): string {
  const done = Math.min(barWidth, Math.round((barWidth * round) / Math.max(rounds, 1)))
  const filled = '█'.repeat(done) + '░'.repeat(barWidth - done)
  const found = findings === 0 ? '' : ` · ${findings} findings`
  return `${filled} round ${round} ${phase} · ${calls} calls, ${open} open${found}`
}
