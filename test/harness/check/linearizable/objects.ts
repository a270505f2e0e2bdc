import { modelNamed } from '../../../../harness/check/linearizable/models.ts'
import { type Model, model } from '../../../../harness/model.ts'
import type { Random } from '../../../../harness/random.ts'

/** A call that cannot take effect now: it waits. */
export const blocked = Symbol('blocked')

/** A real object, written without the models, with what its clients may ask it and what wrong answers look like. */
export interface TestObject {
  name: string
  model: Model
  make(): (f: string, input: unknown, client: string) => unknown
  /** Draws a call. `fresh` is a number that was never used in this history. */
  ask(random: Random, fresh: number): { f: string; input: unknown }
  wrongAnswer(random: Random, f: string, fresh: number): unknown
  /** Its model can judge the object as a whole, so that brute force need not divide it by keys. */
  undivided?: true
}

const small = (random: Random) => random.integer(1, 3)
const ready = (name: string) => modelNamed(name)!

function registerObject(name: string, modelName: string, unique: boolean): TestObject {
  const written = (random: Random, fresh: number) => (unique ? fresh : small(random))
  return {
    name,
    model: ready(modelName),
    make: () => {
      let value: unknown = null
      return (f, input) => {
        if (f === 'read') return value
        const [from, to] = f === 'write' ? [value, input] : (input as [number, number])
        if (value !== from) return false
        value = to
        return f === 'write' ? undefined : true
      }
    },
    ask: (random, fresh) => {
      const f = random.pick(modelName === 'register' || unique ? ['read', 'write'] : ['read', 'write', 'cas', 'cas'])
      if (f === 'cas') return { f, input: [small(random), small(random)] }
      return { f, input: f === 'read' ? null : written(random, fresh) }
    },
    wrongAnswer: (random, f, fresh) =>
      f === 'cas' ? random.chance(0.5) : unique ? random.integer(0, fresh) || null : small(random),
  }
}

const versionedRegister: TestObject = {
  name: 'versioned register',
  model: ready('versioned-register'),
  make: () => {
    let held = { value: null as unknown, version: 0 }
    return (f, input) => {
      if (f === 'read') return held
      const { value, ifVersion } = input as { value: unknown; ifVersion?: number }
      if (ifVersion !== undefined && ifVersion !== held.version) return false
      held = { value, version: held.version + 1 }
      return { version: held.version }
    }
  },
  ask: (random) => {
    if (random.chance(0.5)) return { f: 'read', input: null }
    const condition = random.chance(0.3) ? { ifVersion: random.integer(0, 3) } : {}
    return { f: 'write', input: { value: small(random), ...condition } }
  },
  wrongAnswer: (random, f) => {
    const version = random.integer(0, 4)
    return f === 'read' ? { value: small(random), version } : { version }
  },
}

function counterObject(name: string, adding: string): TestObject {
  return {
    name,
    model: ready(name),
    make: () => {
      let count = 0
      return (f, input) => {
        const before = count
        if (f === 'increment' || f === 'fetchAdd') count += (input as number | null) ?? 1
        if (f === 'decrement') count -= (input as number | null) ?? 1
        return f === 'increment' || f === 'decrement' ? undefined : before
      }
    },
    ask: (random) => {
      const f = random.pick(adding === 'increment' ? ['read', 'increment', 'decrement'] : ['read', adding])
      return { f, input: f === 'read' ? null : random.pick([null, 1, 2]) }
    },
    wrongAnswer: (random) => random.integer(0, 4),
  }
}

function setObject(name: string, asks: string[]): TestObject {
  return {
    name,
    undivided: true,
    model: ready('set'),
    make: () => {
      const elements = new Set<unknown>()
      return (f, element) => {
        if (f === 'read') return [...elements].reverse()
        if (f === 'contains') return elements.has(element)
        if (f === 'remove') return elements.delete(element)
        const added = !elements.has(element)
        elements.add(element)
        return added
      }
    },
    ask: (random) => {
      const f = random.pick(asks)
      return { f, input: f === 'read' ? null : random.integer(1, 2) }
    },
    wrongAnswer: (random, f) => (f === 'read' ? random.pick([[], [1], [2], [2, 1]]) : random.chance(0.5)),
  }
}

const map: TestObject = {
  name: 'map',
  undivided: true,
  model: ready('map'),
  make: () => {
    const entries = new Map<unknown, unknown>()
    return (f, input) => {
      if (f === 'set') return void entries.set((input as { key: string }).key, (input as { value: unknown }).value)
      if (f === 'get') return entries.get(input)
      if (f === 'has') return entries.has(input)
      if (f === 'delete') return entries.delete(input)
      if (f === 'size') return entries.size
      if (f === 'keys') return [...entries.keys()].reverse()
      return entries.clear()
    }
  },
  ask: (random) => {
    const f = random.pick(['get', 'get', 'set', 'set', 'delete', 'has', random.pick(['get', 'size', 'keys', 'clear'])])
    if (f === 'set') return { f, input: { key: random.pick(['a', 'b']), value: small(random) } }
    return { f, input: ['size', 'keys', 'clear'].includes(f) ? null : random.pick(['a', 'b']) }
  },
  wrongAnswer: (random, f) => {
    if (f === 'has' || f === 'delete') return random.chance(0.5)
    return f === 'keys'
      ? random.pick([[], ['a'], ['b', 'a']])
      : f === 'size'
        ? random.integer(0, 2)
        : random.pick([null, 1, 2])
  },
}

function lineObject(name: string, modelName: string, into: string, out: string, unique: boolean): TestObject {
  return {
    name,
    model: ready(modelName),
    make: () => {
      const items: unknown[] = []
      return (f, input) => {
        if (f === into) return void items.push(input)
        return (out === 'pop' ? items.pop() : items.shift()) ?? null
      }
    },
    ask: (random, fresh) => {
      const f = random.pick([into, out])
      return { f, input: f === out ? null : unique ? fresh : small(random) }
    },
    wrongAnswer: (random, _, fresh) => (random.chance(0.3) ? null : unique ? random.integer(1, fresh) : small(random)),
  }
}

function lockObject(name: string, permits: number): TestObject {
  return {
    name,
    model: ready(name),
    make: () => {
      let free = permits
      return (f) => {
        if (f === 'release') {
          if (free === permits) return blocked
          free++
          return undefined
        }
        if (free === 0) return f === 'acquire' ? blocked : false
        free--
        return f === 'acquire' ? undefined : true
      }
    },
    ask: (random) => ({ f: random.pick(['acquire', 'tryAcquire', 'release', 'release']), input: null }),
    wrongAnswer: (random, f) => (f === 'tryAcquire' ? random.chance(0.5) : undefined),
  }
}

const reentrantLock: TestObject = {
  name: 'reentrant lock',
  model: ready('reentrant-lock'),
  make: () => {
    const holds: string[] = []
    return (f, _, client) => {
      const mine = holds.length === 0 || holds[0] === client
      if (f === 'release') return mine && holds.length > 0 ? void holds.pop() : blocked
      if (!mine) return f === 'acquire' ? blocked : false
      holds.push(client)
      return f === 'acquire' ? undefined : true
    }
  },
  ask: (random) => ({ f: random.pick(['acquire', 'tryAcquire', 'release', 'release']), input: null }),
  wrongAnswer: (random, f) => (f === 'tryAcquire' ? random.chance(0.5) : undefined),
}

const listAppend: TestObject = {
  name: 'list with append',
  model: ready('list-append'),
  make: () => {
    const lists = new Map<string, unknown[]>()
    return (f, input) => {
      const { key, value } = input as { key: string; value?: unknown }
      const list = lists.get(key) ?? []
      if (f === 'read') return [...list]
      lists.set(key, [...list, value])
      return undefined
    }
  },
  ask: (random) => {
    const key = random.pick(['x', 'x', 'y'])
    return random.chance(0.5) ? { f: 'read', input: { key } } : { f: 'append', input: { key, value: small(random) } }
  },
  wrongAnswer: (random) => random.pick([[], [1], [2], [1, 2], [2, 1], [1, 1]]),
}

const kvAppend: TestObject = {
  name: 'key-value store with append',
  model: ready('kv-append'),
  make: () => {
    const texts = new Map<string, string>()
    return (f, input) => {
      const { key, value } = input as { key: string; value?: string }
      if (f === 'get') return texts.get(key) ?? ''
      texts.set(key, f === 'put' ? value! : (texts.get(key) ?? '') + value)
      return undefined
    }
  },
  ask: (random) => {
    const key = random.pick(['x', 'x', 'y'])
    const f = random.pick(['get', 'get', 'put', 'append', 'append'])
    return { f, input: f === 'get' ? { key } : { key, value: random.pick(['a', 'b']) } }
  },
  wrongAnswer: (random) => random.pick(['', 'a', 'b', 'ab', 'ba', 'aa']),
}

const sessionRegistry: TestObject = {
  name: 'session registry',
  model: ready('session-registry'),
  make: () => {
    const sessions = new Map<unknown, string>()
    let made = 0
    return (f, id) => {
      if (f === 'close') return void sessions.delete(id)
      if (f === 'open' && !sessions.has(id)) sessions.set(id, `i${made++}`)
      return sessions.get(id) ?? null
    }
  },
  ask: (random) => ({ f: random.pick(['open', 'open', 'get', 'close']), input: random.pick(['s', 's', 't']) }),
  wrongAnswer: (random, f) => random.pick(['i0', 'i1', 'i2', f === 'get' ? null : 'i0']),
}

/** A model as a user would write it, of states that are objects, without `readOnly`. */
const seats: TestObject = {
  name: 'seats (a model of one’s own)',
  model: model<
    {
      reserve(input: { seat: string; buyer: string }): boolean
      holder(input: { seat: string }): { buyer: string | null }
    },
    { buyer: string | null }
  >({
    init: { buyer: null },
    partition: ({ seat }: { seat: string }) => seat,
    apply: {
      reserve: (held, { buyer }) => (held.buyer === null ? [true, { buyer }] : [held.buyer === buyer, held]),
      holder: (held) => [held, held],
    },
  }),
  make: () => {
    const holders = new Map<string, string>()
    return (f, input) => {
      const { seat, buyer } = input as { seat: string; buyer: string }
      if (f === 'holder') return { buyer: holders.get(seat) ?? null }
      if (!holders.has(seat)) holders.set(seat, buyer)
      return holders.get(seat) === buyer
    }
  },
  ask: (random) => {
    const seat = random.pick(['k0', 'k1'])
    return random.chance(0.6)
      ? { f: 'reserve', input: { seat, buyer: random.pick(['ann', 'bob']) } }
      : { f: 'holder', input: { seat } }
  },
  wrongAnswer: (random, f) => (f === 'reserve' ? random.chance(0.5) : { buyer: random.pick([null, 'ann', 'bob']) }),
}

/** One for each ready model, and variants that only some checkers take on. */
export const testObjects: readonly TestObject[] = [
  registerObject('register', 'register', false),
  registerObject('register with unique writes', 'register', true),
  registerObject('compare-and-set register', 'cas-register', false),
  registerObject('compare-and-set register with unique writes', 'cas-register', true),
  versionedRegister,
  counterObject('counter', 'increment'),
  counterObject('fetch-add', 'fetchAdd'),
  setObject('set', ['add', 'add', 'remove', 'contains']),
  setObject('set that is read', ['add', 'remove', 'contains', 'read']),
  map,
  lineObject('queue', 'queue', 'enqueue', 'dequeue', false),
  lineObject('queue of unique items', 'queue', 'enqueue', 'dequeue', true),
  lineObject('stack', 'stack', 'push', 'pop', false),
  lockObject('mutex', 1),
  lockObject('semaphore:2', 2),
  reentrantLock,
  listAppend,
  kvAppend,
  sessionRegistry,
  seats,
]
