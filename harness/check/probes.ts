import type { History, ProbeEvent } from '../history/event.ts'

/** A step in the life of a lock, as the target published it. */
export interface LockEvent {
  source: ProbeEvent
  event: 'waiting' | 'acquired' | 'released' | 'abandoned'
  lock: string
  /** Names the lock object: threads of one process share it, two processes only one that says so. */
  object: string
  key: string | undefined
  owner: string
  waitMs: number
  holdMs: number | undefined
  queue: number
}

/** A step in the life of a cache entry, as the target published it. */
export interface CacheEvent {
  source: ProbeEvent
  event: 'hit' | 'miss' | 'avoided' | 'load' | 'loaded' | 'load-failed' | 'evict'
  cache: string
  key: string
  /** Names the entry of this cache in its process and thread. */
  entry: string
}

/** Something that must be closed again begins or ends. */
export interface ResourceEvent {
  source: ProbeEvent
  event: 'open' | 'close'
  resource: string
  id: string
}

/** A thing with a declared life cycle moves on. */
export interface TransitionEvent {
  source: ProbeEvent
  machine: string
  id: string
  from: string | null
  to: string
}

// Any server may publish probes, so what is read here was checked by nobody: missing texts become empty ones.

/** The lock probes of a history, in its order. */
export function* lockEvents(history: History): Generator<LockEvent> {
  for (const source of probes(history, 'lock')) {
    const { event, lock, id, shared, key, owner, waitMs, holdMs, queue } = source.value
    yield {
      source,
      event: event as LockEvent['event'],
      lock: text(lock),
      object: `${shared === true ? 'any' : processOf(source)} ${text(lock)} ${text(id)}`,
      key: typeof key === 'string' ? key : undefined,
      owner: text(owner),
      waitMs: typeof waitMs === 'number' ? waitMs : 0,
      holdMs: typeof holdMs === 'number' ? holdMs : undefined,
      queue: typeof queue === 'number' ? queue : 0,
    }
  }
}

/** The cache probes of a history, in its order. */
export function* cacheEvents(history: History): Generator<CacheEvent> {
  for (const source of probes(history, 'cache')) {
    const { event, cache, key } = source.value
    const entry = `${source.process} ${text(cache)} ${text(key)}`
    yield { source, event: event as CacheEvent['event'], cache: text(cache), key: text(key), entry }
  }
}

/** The resource probes of a history, in its order. */
export function* resourceEvents(history: History): Generator<ResourceEvent> {
  for (const source of probes(history, 'resource')) {
    const { event, resource, id } = source.value
    yield { source, event: event as ResourceEvent['event'], resource: text(resource), id: text(id) }
  }
}

/** The transition probes of a history, in its order. */
export function* transitionEvents(history: History): Generator<TransitionEvent> {
  for (const source of probes(history, 'transition')) {
    const { machine, id, from, to } = source.value
    yield {
      source,
      machine: text(machine),
      id: text(id),
      from: from === null || from === undefined ? null : text(from),
      to: text(to),
    }
  }
}

function* probes(history: History, topic: ProbeEvent['topic']): Generator<ProbeEvent> {
  for (const event of history) if (event.type === 'probe' && event.topic === topic) yield event
}

/** The process of a probe; what follows a slash is the thread. */
export function processOf({ process }: ProbeEvent): string {
  const slash = process.indexOf('/')
  return slash < 0 ? process : process.slice(0, slash)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : String(value)
}
