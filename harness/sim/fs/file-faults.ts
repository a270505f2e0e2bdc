import type { FaultableFiles, FileTarget } from '../../fault/fault.ts'
import { keyedHash } from '../core/keyed-hash.ts'
import { Failure } from './failure.ts'

interface Armed {
  readonly what: 'fail' | 'shorten' | 'tear'
  readonly target: FileTarget
  readonly code: string
}

/**
 * The faults that are in force on the disk. Whether one hits an operation is drawn from the seed, the operation and how
 * many times it was done to that path before, so that nothing else of a schedule shifts it.
 */
export class FileFaults implements FaultableFiles {
  readonly #seed: number
  readonly #armed = new Set<Armed>()
  readonly #done = new Map<string, number>()

  constructor(seed: number) {
    this.#seed = seed
  }

  fail(target: FileTarget, code: string): () => void {
    return this.#arm({ what: 'fail', target, code })
  }

  shorten(target: Omit<FileTarget, 'operations'>): () => void {
    return this.#arm({ what: 'shorten', target, code: '' })
  }

  tear(target: Omit<FileTarget, 'operations' | 'share'>): () => void {
    return this.#arm({ what: 'tear', target, code: '' })
  }

  /** Throws a {@link Failure} when a fault hits the operation. Called once for each operation that is done. */
  check(operation: string, path: string): void {
    if (this.#armed.size === 0) return
    const times = this.#count(`${operation} ${path}`)
    for (const armed of this.#armed) {
      if (armed.what !== 'fail' || !concerns(armed.target, operation, path)) continue
      if (this.#hits(armed, `${operation} ${path}`, times)) throw new Failure(armed.code)
    }
  }

  /** How many of the bytes of a write get through: all of them, or fewer when a fault hits it, but at least one. */
  lengthOf(path: string, length: number): number {
    for (const armed of this.#armed) {
      if (armed.what !== 'shorten' || length < 2 || !concerns(armed.target, 'write', path)) continue
      const times = this.#count(`shorten ${path}`)
      if (this.#hits(armed, `shorten ${path}`, times)) {
        return 1 + (keyedHash(this.#seed, `length ${path}`, times) % (length - 1))
      }
    }
    return length
  }

  /** Whether a crash loses part of what was written to the file and not synced. */
  tears(path: string): boolean {
    return [...this.#armed].some(({ what, target }) => what === 'tear' && concerns(target, 'write', path))
  }

  #arm(armed: Armed): () => void {
    this.#armed.add(armed)
    return () => void this.#armed.delete(armed)
  }

  #hits({ target: { share = 1 } }: Armed, key: string, times: number): boolean {
    return keyedHash(this.#seed, `fault ${key}`, times) < share * 2 ** 32
  }

  #count(key: string): number {
    const times = (this.#done.get(key) ?? 0) + 1
    this.#done.set(key, times)
    return times
  }
}

function concerns({ operations, path }: FileTarget, operation: string, actual: string): boolean {
  if (operations !== undefined && !operations.includes(operation)) return false
  return path === undefined || (typeof path === 'string' ? actual.includes(path) : actual.search(path) >= 0)
}
