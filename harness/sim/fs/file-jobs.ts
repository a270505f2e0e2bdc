import type { SimEvent } from '../core/event.ts'
import { keyedHash } from '../core/keyed-hash.ts'
import type { SimNode } from '../core/node.ts'
import type { Simulation } from '../core/simulation.ts'

/** One asynchronous operation, as libuv hands it to its pool of threads. */
export interface FileJob {
  /** What it is, for traces: `rename a → b`. */
  readonly label: string
  /** Bytes that it carries. */
  readonly bytes?: Uint8Array | undefined
  /** Does it; called once, when the operation completes. */
  perform(): () => void
}

interface Pending {
  readonly job: FileJob
  readonly node: SimNode
}

/**
 * The operations that are under way. Each is an event of its own, and they complete in any order; what an operation does
 * to the disk, it does when it completes.
 *
 * On a real machine the effect comes somewhat before the process hears of it. Nothing in the same process can tell,
 * except a synchronous call in between; other processes of the schedule see the effect at its completion.
 */
export class FileJobs {
  readonly #simulation: Simulation
  readonly #pending = new Map<SimEvent, Pending>()
  readonly #known = new Set<SimNode>()

  constructor(simulation: Simulation) {
    this.#simulation = simulation
  }

  push(job: FileJob): void {
    const { node } = this.#simulation
    this.#watchEndOf(node)
    const event = this.#simulation.pushJob(
      'fs',
      job.label,
      () => {
        this.#pending.delete(event)
        this.#simulation.touch('files')
        job.perform()()
      },
      job.bytes,
    )
    this.#pending.set(event, { job, node })
  }

  /** The process is gone. Whether the pool had got round to an operation is drawn; nobody hears of it any more. */
  interrupt(node: SimNode): void {
    for (const [event, pending] of [...this.#pending]) {
      if (pending.node !== node) continue
      this.#pending.delete(event)
      const isDone = keyedHash(this.#simulation.seed, `interrupted ${event.key}`, 0) % 2 === 0
      if (isDone) this.#simulation.within(node, () => pending.job.perform())
    }
  }

  #watchEndOf(node: SimNode): void {
    if (this.#known.has(node)) return
    this.#known.add(node)
    node.whenEnded.add(() => this.#simulation.files.crash(node))
  }
}
