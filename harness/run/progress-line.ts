import type { WriteStream } from 'node:tty'
import type { LiveProgress, Progress, SchedulesProgress } from './progress.ts'

const barWidth = 20
const clearLine = '\r\u001b[K'

/**
 * Shows what is going on: on a terminal one line that is drawn again with a bar for the rounds or schedules; elsewhere a
 * plain line for each phase, so that a log stays readable.
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
  return progress.world === 'live' ? roundsBar(progress) : schedulesBar(progress)
}

function roundsBar(progress: LiveProgress): string {
  const { phase, round, rounds, calls, open, findings } = progress
  // A round counts when it is over: the bar is full when nothing is left to do.
  const over = phase === 'stop' ? rounds : round - 1
  const found = findings === 0 ? '' : ` · findings: ${findings}`
  return `${filled(over / Math.max(rounds, 1))} ${phaseOf(progress)} · ${calls} calls, ${open} open${found}`
}

function schedulesBar({ schedules, most, doing }: SchedulesProgress): string {
  if (doing === 'shrinking') return `${filled(1)} shrinking the failure that schedule ${schedules} has shown`
  return `${filled(schedules / most)} schedule ${schedules} of ${most}`
}

function filled(share: number): string {
  const done = Math.max(0, Math.min(barWidth, Math.round(barWidth * share)))
  return '█'.repeat(done) + '░'.repeat(barWidth - done)
}

function phaseOf(progress: Progress): string {
  if (progress.world !== 'live') return progress.doing
  const { phase, round } = progress
  return round === 0 || phase === 'stop' ? phase : `round ${round}, ${phase}`
}
