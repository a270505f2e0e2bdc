import type { WriteStream } from 'node:tty'
import type { Progress } from './stress.ts'

const barWidth = 20
const clearLine = '\r\u001b[K'

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
    if (this.#stream.isTTY) this.#draw(progress === null ? what : `${what}  ${bar(progress)}`)
    else this.#log(progress === null ? what : `${what}: ${phaseOf(progress)}`)
  }

  /** A line that stays. */
  note(text: string): void {
    this.#stream.write(this.#stream.isTTY ? `${clearLine}${text}\n` : `${text}\n`)
  }

  /** Leaves the terminal's line, so that what is printed next starts on its own. */
  end(): void {
    if (this.#stream.isTTY) this.#stream.write(clearLine)
  }

  #draw(text: string): void {
    this.#stream.write(`${clearLine}${text.slice(0, (this.#stream.columns ?? 80) - 1)}`)
  }

  #log(text: string): void {
    if (text !== this.#last) this.#stream.write(`${text}\n`)
    this.#last = text
  }
}

function bar(progress: Progress): string {
  const { phase, round, rounds, calls, open, findings } = progress
  // A round counts when it is over: the bar is full when nothing is left to do.
  const over = phase === 'stop' ? rounds : round - 1
  const done = Math.max(0, Math.min(barWidth, Math.round((barWidth * over) / Math.max(rounds, 1))))
  const filled = '█'.repeat(done) + '░'.repeat(barWidth - done)
  const found = findings === 0 ? '' : ` · findings: ${findings}`
  return `${filled} ${phaseOf(progress)} · ${calls} calls, ${open} open${found}`
}

function phaseOf({ phase, round }: Progress): string {
  return round === 0 || phase === 'stop' ? phase : `round ${round}, ${phase}`
}
