import { Readable, Writable } from 'node:stream'
import { LineSplitter } from '../../live/line-splitter.ts'
import type { SharedStdio } from '../../live/shared-stdio.ts'
import { Lane } from '../../sim/core/lane.ts'
import type { Simulation } from '../../sim/core/simulation.ts'
import { scriptNode } from './processes.ts'

/** The pipes to and from the target's process: what goes in at one end comes out at the other, in order and in its own time. */
export class SimStdio {
  readonly #simulation: Simulation
  readonly #process: string
  readonly #lines: SharedStdio
  #stdin: Readable | undefined
  #stdout: Writable | undefined

  /** `process` is the name of the target's process, `lines` are the harness' ends. */
  constructor(simulation: Simulation, process: string, lines: SharedStdio) {
    this.#simulation = simulation
    this.#process = process
    this.#lines = lines
  }

  /** The end from which the target reads. */
  get stdin(): Readable {
    this.#stdin ??= this.#openStdin()
    return this.#stdin
  }

  /** The end to which the target writes. */
  get stdout(): Writable {
    this.#stdout ??= this.#openStdout()
    return this.#stdout
  }

  /** The harness leaves: the target's standard input ends. */
  close(): void {
    this.#stdin?.push(null)
  }

  #openStdin(): Readable {
    const stdin = new Readable({ read() {} })
    const lane = new Lane(
      `${this.#process}.stdin#${this.#simulation.count('stdin')}`,
      this.#simulation.nodeNamed(this.#process),
      'poll',
    )
    this.#lines.attach((text) => this.#pass(lane, Buffer.from(text), (bytes) => stdin.push(bytes)))
    return stdin
  }

  #openStdout(): Writable {
    const splitter = new LineSplitter((line) => this.#lines.receive(line))
    const lane = new Lane(
      `${this.#process}.stdout#${this.#simulation.count('stdout')}`,
      this.#simulation.nodeNamed(scriptNode),
      'poll',
    )
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.#pass(lane, chunk, (bytes) => splitter.push(bytes))
        done()
      },
    })
  }

  #pass(lane: Lane, bytes: Buffer, arrive: (bytes: Buffer) => void): void {
    const { windowMs } = this.#simulation
    this.#simulation.push(lane, { label: 'line', bytes, windowMs, run: () => arrive(bytes) })
  }
}
