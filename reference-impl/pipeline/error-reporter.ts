import { errors } from 'raceproof/probe'

/** Tells of errors that no client can be told of: each once, with its causes, to the log and to whoever listens. */
export class ErrorReporter {
  readonly #log: (line: string) => void
  readonly #reported = new WeakSet<object>()

  constructor(log: (line: string) => void = (line) => process.stderr.write(`${line}\n`)) {
    this.#log = log
  }

  report(where: string, error: unknown): void {
    if (this.#wasReported(error)) return
    const message = withCauses(error)
    const stack = error instanceof Error ? error.stack : undefined
    if (errors.hasSubscribers) errors.publish({ where, message, ...(stack === undefined ? {} : { stack }) })
    this.#log(JSON.stringify({ level: 'error', where, message }))
  }

  // One error may reach us on two ways, such as a failed transaction that several plans waited for.
  #wasReported(error: unknown): boolean {
    if (typeof error !== 'object' || error === null) return false
    if (this.#reported.has(error)) return true
    this.#reported.add(error)
    return false
  }
}

function withCauses(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}, because: ${withCauses(error.cause)}`
}
