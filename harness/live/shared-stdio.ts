import type { StdioLines } from '../target.ts'

/** The one pipe to the target's standard input and output, which all clients share. */
export class SharedStdio implements StdioLines {
  readonly #listeners = new Set<(line: string) => void>()
  #write: (text: string) => void = () => {}

  /** Connects it to a process; after a restart, to the new one. */
  attach(write: (text: string) => void): void {
    this.#write = write
  }

  /** Hands a line of the target's standard output to everybody who listens. */
  receive(line: string): void {
    for (const listener of [...this.#listeners]) listener(line)
  }

  send(line: string): void {
    this.#write(`${line}\n`)
  }

  onLine(listener: (line: string) => void): () => void {
    // A wrapper of its own for each registration, so that one listener registered twice can leave once.
    const registered = (line: string) => listener(line)
    this.#listeners.add(registered)
    return () => void this.#listeners.delete(registered)
  }
}
