import type { Access, Operation, OperationKind } from './operation.ts'
import { type Integer, type IntegerArray, real } from './real-atomics.ts'
import type { Rereads, Source } from './rereads.ts'

/** An element of an array on shared memory, and the thread that accesses it. */
export interface Word {
  readonly thread: number
  readonly array: IntegerArray
  readonly index: number
  readonly rereads: Rereads
}

/**
 * What a thread does to an element of an array on shared memory. All in one class, since many are made in every schedule,
 * and whoever asks them something is faster when all have the same shape.
 */
export class WordOperation implements Operation, Source {
  readonly kind: OperationKind
  readonly thread: number
  readonly accesses: readonly [Access]
  readonly #array: IntegerArray
  readonly #index: number
  readonly #rereads: Rereads
  /** Changes the word and answers what the thread gets; null for what only reads. */
  readonly #change: (() => Integer) | null
  readonly #expected: Integer | undefined
  #missed = false
  #read: Access | null = null

  private constructor(
    kind: OperationKind,
    access: Access,
    { thread, array, index, rereads }: Word,
    change: (() => Integer) | null,
    expected?: Integer,
  ) {
    this.kind = kind
    this.thread = thread
    this.accesses = [access]
    this.#array = array
    this.#index = index
    this.#rereads = rereads
    this.#change = change
    this.#expected = expected
  }

  /** Answers what a word holds. */
  static load(kind: 'load' | 'read', access: Access, word: Word): WordOperation {
    return new WordOperation(kind, access, word, null)
  }

  /** Gives a word a value, and answers that. */
  static store(kind: 'store' | 'write', access: Access, word: Word, value: Integer): WordOperation {
    return new WordOperation(kind, access, word, () => real.store(word.array, word.index, value))
  }

  /** Changes a word depending on what it holds, in one step, and answers what it held. */
  static update(access: Access, word: Word, change: () => Integer, expected?: Integer): WordOperation {
    return new WordOperation('update', access, word, change, expected)
  }

  get now(): (() => Integer) | undefined {
    return this.kind === 'update' ? () => this.current() : undefined
  }

  missed(): boolean {
    return this.#missed
  }

  /** Where an update changes nothing it has only read. */
  reached(): readonly Access[] {
    return this.#read === null ? this.accesses : [this.#read]
  }

  enabled(): boolean {
    return true
  }

  /** What the word holds. */
  current(): Integer {
    return real.load(this.#array, this.#index)
  }

  perform(): Integer {
    if (this.#change === null) return this.#look()
    if (this.kind === 'update') return this.#update(this.#change)
    this.#rereads.clear()
    return this.#change()
  }

  #look(): Integer {
    const value = this.current()
    this.#rereads.note(this.accesses[0], value, this)
    return value
  }

  #update(change: () => Integer): Integer {
    const before = change()
    if (this.current() !== before) this.#rereads.clear()
    else {
      this.#missed = this.#expected !== undefined && before !== this.#expected
      const [{ from, to }] = this.accesses
      this.#read = { from, to, writes: false }
      this.#rereads.note(this.#read, before, this)
    }
    return before
  }
}
