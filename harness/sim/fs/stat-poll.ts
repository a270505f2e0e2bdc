import type { SimEvent } from '../core/event.ts'
import { Lane } from '../core/lane.ts'
import type { Holding } from '../core/ledger.ts'
import type { SimNode } from '../core/node.ts'
import type { Simulation } from '../core/simulation.ts'
import { uvCode } from '../net/uv-codes.ts'
import { Failure } from './failure.ts'
import { stat } from './name-operations.ts'

/** What one look at a file showed: its fields, or why there are none. */
interface Look {
  readonly status: number
  readonly fields: readonly number[]
}

/** As many fields as a `stat` has. */
const nothing: readonly number[] = Array.from({ length: 18 }, () => 0)

/** Fields that show a change: all but the device type, the block figures, and the access time. */
const telling = [0, 1, 2, 3, 4, 7, 8, 12, 13, 14, 15, 16, 17]

/**
 * One `fs.watchFile`: looks at the file again and again, and tells when it is not as it was. The first look is told only
 * when there is no file.
 */
export class StatPoll implements Holding {
  readonly kind = 'watcher'
  readonly what: string
  readonly node: SimNode
  readonly #simulation: Simulation
  readonly #path: string
  readonly #intervalMs: number
  readonly #lane: Lane
  readonly #tell: (status: number, now: readonly number[], before: readonly number[]) => void
  #before: Look | undefined
  #next: SimEvent | undefined
  #isReferenced = true

  constructor(
    simulation: Simulation,
    polling: {
      path: string
      intervalMs: number
      tell(status: number, now: readonly number[], before: readonly number[]): void
    },
  ) {
    this.#simulation = simulation
    this.#path = polling.path
    this.#intervalMs = polling.intervalMs
    this.#tell = polling.tell
    this.node = simulation.node
    this.what = `a poll of ${polling.path} every ${polling.intervalMs} ms`
    this.#lane = new Lane(`watchFile#${simulation.count('watchFile')}`, simulation.node, 'poll')
    simulation.ledger.add(this)
    this.#lookIn(0)
  }

  get keepsAlive(): boolean {
    return this.#isReferenced
  }

  get isLeftover(): boolean {
    return this.#isReferenced
  }

  setRef(isReferenced: boolean): void {
    this.#isReferenced = isReferenced
    if (this.#next !== undefined) this.#simulation.setRef(this.#next, isReferenced)
  }

  abandon(): void {
    this.dispose()
  }

  dispose(): void {
    this.#simulation.cancelAll(this.#lane)
    this.#simulation.ledger.remove(this)
  }

  #lookIn(delayMs: number): void {
    this.#next = this.#simulation.push(this.#lane, {
      label: `stat ${this.#path}`,
      delayMs,
      windowMs: this.#simulation.windowMs,
      ref: this.#isReferenced,
      run: () => {
        // Before the callback, which may stop it.
        this.#lookIn(this.#intervalMs)
        this.#compare(this.#look())
      },
    })
  }

  #compare(now: Look): void {
    const before = this.#before
    this.#before = now
    if (before === undefined ? now.status !== 0 : hasChanged(before, now)) {
      this.#tell(now.status, now.fields, before?.fields ?? nothing)
    }
  }

  #look(): Look {
    try {
      return { status: 0, fields: stat(this.#simulation.files, this.#path) }
    } catch (error) {
      if (error instanceof Failure) return { status: uvCode(error.code), fields: nothing }
      throw error
    }
  }
}

function hasChanged(before: Look, now: Look): boolean {
  if (before.status !== 0 || now.status !== 0) return before.status !== now.status
  return telling.some((field) => before.fields[field] !== now.fields[field])
}
