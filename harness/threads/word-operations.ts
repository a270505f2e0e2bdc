import type { Access, Operation, OperationKind } from './operation.ts'
import { type Integer, type IntegerArray, real } from './real-atomics.ts'
import type { Rereads, Source } from './rereads.ts'

/** An element of an array on shared memory, and the thread that accesses it. Classes, since many are made in every schedule. */
abstract class WordOperation implements Operation, Source {
  readonly kind: OperationKind
  readonly thread: number
  readonly accesses: readonly [Access]
  protected readonly array: IntegerArray
  protected readonly index: number
  protected readonly rereads: Rereads

  constructor(kind: OperationKind, access: Access, { thread, array, index, rereads }: Word) {
    this.kind = kind
    this.thread = thread
    this.accesses = [access]
    this.array = array
    this.index = index
    this.rereads = rereads
  }

  enabled(): boolean {
    return true
  }

  /** What the word holds. */
  current(): Integer {
    return real.load(this.array, this.index)
  }

  abstract perform(): Integer
}

/** What an operation on a word is about. */
export interface Word {
  readonly thread: number
  readonly array: IntegerArray
  readonly index: number
  readonly rereads: Rereads
}

/** Answers what a word holds. */
export class Load extends WordOperation {
  override perform(): Integer {
    const value = this.current()
    this.rereads.note(this.accesses[0], value, this)
    return value
  }
}

/** Gives a word a value, and answers that. */
export class Store extends WordOperation {
  readonly #value: Integer

  constructor(kind: OperationKind, access: Access, word: Word, value: Integer) {
    super(kind, access, word)
    this.#value = value
  }

  override perform(): Integer {
    this.rereads.clear()
    return real.store(this.array, this.index, this.#value)
  }
}

/** Changes a word depending on what it holds, in one step, and answers what it held. */
export class Update extends WordOperation {
  readonly #change: () => Integer
  readonly #expected: Integer | undefined
  #missed = false
  #read: Access | null = null

  constructor(access: Access, word: Word, change: () => Integer, expected: Integer | undefined) {
    super('update', access, word)
    this.#change = change
    this.#expected = expected
  }

  now(): Integer {
    return this.current()
  }

  missed(): boolean {
    return this.#missed
  }

  /** Where it changes nothing it has only read. */
  reached(): readonly Access[] {
    return this.#read === null ? this.accesses : [this.#read]
  }

  override perform(): Integer {
    const before = this.#change()
    if (this.current() !== before) this.rereads.clear()
    else {
      this.#missed = this.#expected !== undefined && before !== this.#expected
      const [{ from, to }] = this.accesses
      this.#read = { from, to, writes: false }
      this.rereads.note(this.#read, before, this)
    }
    return before
  }
}
