import type { ModelCall } from '../../../model.ts'
import { anything, impossible, model } from '../../../model.ts'
import { type Identity, identity } from '../identity.ts'
import { keyIn, valueIn } from './inputs.ts'

interface ListAppendOperations {
  append(input: unknown): unknown
  read(input: unknown): unknown
}

/** What has become of a list or text that no later read shows: all of those are one state. */
const unseen: unique symbol = Symbol('a value that no read shows')

/** A list, empty at first. `append(value)`, `read()` → the whole list. */
export const listAppend = model<ListAppendOperations, readonly unknown[] | typeof unseen>({
  name: 'list-append',
  init: [],
  partition: keyIn,
  apply: {
    append: (list, input) => [anything, list === unseen ? unseen : [...list, valueIn(input)]],
    read: (list) => (list === unseen ? impossible : [list, list]),
  },
  readOnly: ({ f }) => f === 'read',
  observe: (answered) => {
    const prefixes = new PrefixTree()
    for (const { f, output } of answered) if (f === 'read' && Array.isArray(output)) prefixes.add(output)
    return (list) => (list === unseen || prefixes.has(list) ? list : unseen)
  },
})

type Branches = Map<Identity, Branches>

/** All beginnings of the lists that were added. */
class PrefixTree {
  readonly #root: Branches = new Map()

  add(list: readonly unknown[]): void {
    let branches = this.#root
    for (const value of list) {
      const id = identity(value)
      const next: Branches = branches.get(id) ?? new Map()
      branches.set(id, next)
      branches = next
    }
  }

  has(list: readonly unknown[]): boolean {
    let branches: Branches | undefined = this.#root
    for (const value of list) {
      branches = branches.get(identity(value))
      if (branches === undefined) return false
    }
    return true
  }
}

interface KvAppendOperations {
  get(input: unknown): string
  put(input: unknown): unknown
  append(input: unknown): unknown
}

/** Texts by key, each empty at first. `get({ key })` → text, `put({ key, value })`, `append({ key, value })`. */
export const kvAppend = model<KvAppendOperations, string | typeof unseen>({
  name: 'kv-append',
  init: '',
  partition: keyIn,
  apply: {
    get: (text) => (text === unseen ? impossible : [text, text]),
    put: (_, input) => [anything, String(valueIn(input))],
    append: (text, input) => [anything, text === unseen ? unseen : text + String(valueIn(input))],
  },
  readOnly: ({ f }) => f === 'get',
  observe: (answered) => {
    const seen = textsRead(answered)
    return (text) => (text === unseen || isPrefix(text, seen) ? text : unseen)
  },
})

function textsRead(answered: readonly ModelCall[]): string[] {
  const read = answered.filter(({ f, output }) => f === 'get' && typeof output === 'string')
  return [...new Set(read.map(({ output }) => output as string))].sort()
}

/** Whether one of the sorted texts begins with this one: if so, the first that is not smaller does. */
function isPrefix(text: string, sorted: readonly string[]): boolean {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < text) low = middle + 1
    else high = middle
  }
  return sorted[low]?.startsWith(text) === true
}
