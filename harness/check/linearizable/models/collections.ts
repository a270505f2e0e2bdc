import type { Answer } from '../../../model.ts'
import { anything, impossible, model } from '../../../model.ts'
import { type Identity, identity, same } from '../identity.ts'
import { queueMonitor } from '../monitors/queue.ts'
import { setMonitor } from '../monitors/set.ts'
import { keyIn, valueIn } from './inputs.ts'

interface SetOperations {
  add(input: unknown): unknown
  remove(input: unknown): unknown
  contains(input: unknown): boolean
  read(input: unknown): unknown
}

type Elements = ReadonlySet<Identity>

/**
 * A set of elements, empty at first. `add(element)` and `remove(element)` → whether that changed it (an answer that is
 * no boolean says nothing); `contains(element)` → boolean; `read()` → all elements, in any order. Elements are judged
 * apart, unless the history has a `read`.
 */
export const set = model<SetOperations, Elements>({
  name: 'set',
  init: new Set(),
  partition: (element, f) => (f === 'read' ? undefined : String(identity(element))),
  step: {
    add: (held, element, answer) => toggled(held, identity(element), true, answer),
    remove: (held, element, answer) => toggled(held, identity(element), false, answer),
    contains: (held, element, answer) =>
      !answer.known || answer.output === held.has(identity(element)) ? held : impossible,
    read: (held, _, answer) => (!answer.known || same(elementsOf(answer.output), held) ? held : impossible),
  },
  readOnly: ({ f, output }) => f === 'contains' || f === 'read' || output === false,
  monitor: setMonitor,
})

function toggled(held: Elements, element: Identity, into: boolean, answer: Answer): Elements | typeof impossible {
  const changes = held.has(element) !== into
  if (answer.known && typeof answer.output === 'boolean' && answer.output !== changes) return impossible
  if (!changes) return held
  return new Set(into ? [...held, element] : [...held].filter((other) => other !== element))
}

function elementsOf(list: unknown): ReadonlySet<Identity> | null {
  return Array.isArray(list) ? new Set(list.map(identity)) : null
}

interface MapOperations {
  get(input: unknown): unknown
  set(input: unknown): unknown
  delete(input: unknown): unknown
  has(input: unknown): boolean
  clear(input: unknown): unknown
  size(input: unknown): number
  keys(input: unknown): unknown
}

type Entries = ReadonlyMap<Identity, unknown>

/**
 * Keys and values, empty at first. `get(key)` → value or `null`, `set({ key, value })`, `delete(key)` → whether it was
 * there (an answer that is no boolean says nothing), `has(key)` → boolean; of the whole map `clear()`, `size()` →
 * number, `keys()` → list in any order. Keys are judged apart, unless the history has a call on the whole map.
 */
export const map = model<MapOperations, Entries>({
  name: 'map',
  init: new Map(),
  partition: (input, f) => (['clear', 'size', 'keys'].includes(f) ? undefined : String(entryKey(input))),
  step: {
    get: (held, input, answer) => shown(held, answer, held.get(entryKey(input))),
    has: (held, input, answer) => shown(held, answer, held.has(entryKey(input))),
    size: (held, _, answer) => shown(held, answer, held.size),
    keys: (held, _, answer) => shown(held, answer.known ? known(elementsOf(answer.output)) : answer, keysOf(held)),
    set: (held, input) => new Map([...held, [entryKey(input), valueIn(input)]]),
    clear: () => new Map(),
    delete: (held, input, answer) => {
      const key = entryKey(input)
      const { known, output } = { output: undefined, ...answer }
      if (known && typeof output === 'boolean' && output !== held.has(key)) return impossible
      return held.has(key) ? new Map([...held].filter(([other]) => other !== key)) : held
    },
  },
  readOnly: ({ f, output }) => ['get', 'has', 'size', 'keys'].includes(f) || (f === 'delete' && output === false),
})

function entryKey(input: unknown): Identity {
  return identity(typeof input === 'object' ? keyIn(input) : input)
}

function keysOf(held: Entries): ReadonlySet<Identity> {
  return new Set(held.keys())
}

function known(output: unknown): Answer {
  return { known: true, output }
}

function shown<State>(held: State, answer: Answer, expected: unknown): State | typeof impossible {
  return !answer.known || same(answer.output, expected) ? held : impossible
}

interface QueueOperations {
  enqueue(input: unknown): unknown
  dequeue(input: unknown): unknown
}

/** First in, first out; empty at first. `enqueue(item)`, `dequeue()` → the item, or `null` when it is empty. */
export const queue = model<QueueOperations, readonly unknown[]>({
  name: 'queue',
  init: [],
  partition: keyIn,
  apply: {
    enqueue: (items, input) => [anything, [...items, valueIn(input)]],
    dequeue: (items) => (items.length === 0 ? [null, items] : [items[0], items.slice(1)]),
  },
  readOnly: ({ f, output }) => f === 'dequeue' && output === null,
  monitor: queueMonitor,
})

interface StackOperations {
  push(input: unknown): unknown
  pop(input: unknown): unknown
}

/** Last in, first out; empty at first. `push(item)`, `pop()` → the item, or `null` when it is empty. */
export const stack = model<StackOperations, readonly unknown[]>({
  name: 'stack',
  init: [],
  partition: keyIn,
  apply: {
    push: (items, input) => [anything, [...items, valueIn(input)]],
    pop: (items) => (items.length === 0 ? [null, items] : [items.at(-1), items.slice(0, -1)]),
  },
  readOnly: ({ f, output }) => f === 'pop' && output === null,
})
