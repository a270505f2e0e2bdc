import { type Channel, channel } from 'node:diagnostics_channel'

/**
 * How a server tells the harness what it does inside: locks, caches, resources, state transitions, errors.
 *
 * Each is a named channel of `node:diagnostics_channel`. Nobody listens in production, and then a channel costs one
 * check. Guard every publication, so that not even the message is built:
 *
 *     if (locks.hasSubscribers) locks.publish({ event: 'acquired', lock: 'sessions', id, key, owner, waitMs: 0 })
 */

/** A diagnostics channel whose messages have one type. */
export interface ProbeChannel<Message extends object> {
  readonly hasSubscribers: boolean
  publish(message: Message): void
}

/**
 * A lock's life: `waiting` when a caller must wait, `acquired` once it has the lock, `released` just before it lets go,
 * and `abandoned` when a waiter gave up. Re-entrant acquisitions by the owner are not published.
 */
export interface LockProbe {
  event: 'waiting' | 'acquired' | 'released' | 'abandoned'
  /** The lock's name; all locks of one kind share it, and reports show one row for it. */
  lock: string
  /** Identifies this one lock object among those of the name. */
  id: string
  /** Several processes share it, such as a lock file: then `id` names it in all of them. */
  shared?: boolean
  /** What it is taken for, such as the key of a cache entry. */
  key?: string
  /** Who holds or wants it: the id of the async context. */
  owner: string
  /** `acquired`: how long the caller waited, in milliseconds. 0 says that it did not wait. */
  waitMs?: number
  /** `released`: how long it was held, in milliseconds. */
  holdMs?: number
  /** `waiting`: callers in the queue, this one included. */
  queue?: number
}

/**
 * A cache's life. Each lookup is exactly one of `hit`, `miss` (the caller loads) and `avoided` (it waited, and found
 * the item at the re-check). `load` … `loaded` or `load-failed` bracket a load; `evict` says that the item is gone.
 */
export interface CacheProbe {
  event: 'hit' | 'miss' | 'avoided' | 'load' | 'loaded' | 'load-failed' | 'evict'
  cache: string
  key: string
  /** `loaded`: identifies the instance that was made. */
  instance?: string
  /** `evict`: `expired`, `cleared`, `closed` … */
  reason?: string
}

/** Something that must be closed again: a stream, a subscriber, a session, a subprocess, a database connection. */
export interface ResourceProbe {
  event: 'open' | 'close'
  resource: string
  id: string
}

/** A thing with a declared life cycle moves from one state to another. */
export interface TransitionProbe {
  machine: string
  id: string
  from: string | null
  to: string
}

/** An error that the server met and could not hand to a caller as a declared refusal. */
export interface ErrorProbe {
  where: string
  message: string
  stack?: string
}

export const locks = channel('raceproof:lock') as Channel & ProbeChannel<LockProbe>
export const caches = channel('raceproof:cache') as Channel & ProbeChannel<CacheProbe>
export const resources = channel('raceproof:resource') as Channel & ProbeChannel<ResourceProbe>
export const transitions = channel('raceproof:transition') as Channel & ProbeChannel<TransitionProbe>
export const errors = channel('raceproof:error') as Channel & ProbeChannel<ErrorProbe>

/** The channels by the topic under which the harness records them. */
export const probeChannels = {
  lock: locks,
  cache: caches,
  resource: resources,
  transition: transitions,
  error: errors,
} as const

export type ProbeTopic = keyof typeof probeChannels

/** How a message says where and when it was published, when another thread passes it on. */
export interface Relayed {
  /** The thread that published it. */
  thread?: string
  /** When, in milliseconds of `process.hrtime`, which all threads and processes of a machine share. */
  stampMs?: number
}

/**
 * Calls `post` with everything that this thread publishes. A server that runs worker threads calls it in each worker,
 * posts the messages to its main thread, and hands them to {@link republish} there: diagnostics channels are per thread.
 */
export function relayProbes(thread: string, post: (topic: ProbeTopic, message: object & Relayed) => void): void {
  for (const topic of Object.keys(probeChannels) as ProbeTopic[]) {
    const source: Channel = probeChannels[topic]
    source.subscribe((message) => {
      post(topic, { ...(message as object), thread, stampMs: Number(process.hrtime.bigint()) / 1e6 })
    })
  }
}

/** Publishes a relayed message on this thread's channel. */
export function republish(topic: ProbeTopic, message: object & Relayed): void {
  const target: Channel = probeChannels[topic]
  if (target.hasSubscribers) target.publish(message)
}
