import { type Call, calls, type Outcome } from '../history/calls.ts'
import type { History, HistoryEvent } from '../history/event.ts'
import { type Check, judged, unseen } from './check.ts'
import { DefaultMap } from './default-map.ts'
import { Findings } from './findings.ts'
import { cacheEvents } from './probes.ts'
import { at, count, names } from './wording.ts'

/** The name of an output field, or what finds the value in a call's output and input. */
export type Field = string | ((output: unknown, input: unknown) => string | undefined)

export interface OneInstanceOptions {
  /** What there must be one instance of, such as the session id. */
  key: Field
  /** What tells one instance from another. */
  instance: Field
  /** The operations to look at; all whose output has both fields when it is left out. */
  calls?: readonly string[]
  /** The cache whose evictions end an instance's time; without it, an instance is for ever. */
  cache?: string
  /** The operation that clears that cache: an instance whose creation began before is not seen by who asks afterwards. */
  clear?: string
}

interface Sighting {
  instance: string
  call: Call
}

/**
 * All calls that name a key see the same instance of it, whatever client and transport they come by, until it is
 * evicted. A call that was open while the key was evicted may have seen either instance, and proves nothing; nor does a
 * call without an answer.
 */
export function oneInstance(options: OneInstanceOptions): Check {
  return {
    name: 'one-instance',
    judge(history) {
      const keys = sightings(history, options)
      if (keys.size === 0) return unseen('no call was answered with both a key and an instance')
      const findings = new Findings('one-instance')
      const endsOf = evictions(history, options.cache)
      for (const [key, seen] of keys) judgeKey(key, seen, endsOf(key), history, findings)
      tellResurrected(keys, history, options, findings)
      return judged(findings.told())
    },
  }
}

function sightings(history: History, options: OneInstanceOptions): ReadonlyMap<string, Sighting[]> {
  const keys = new DefaultMap<string, Sighting[]>(() => [])
  for (const call of calls(history)) {
    if (call.outcome.type !== 'ok' || (options.calls && !options.calls.includes(call.f))) continue
    const key = read(options.key, call, call.outcome)
    const instance = read(options.instance, call, call.outcome)
    if (key !== undefined && instance !== undefined) keys.of(key).push({ instance, call })
  }
  return keys
}

function read(field: Field, call: Call, outcome: Outcome & { type: 'ok' }): string | undefined {
  if (typeof field === 'function') return field(outcome.output, call.input)
  const value = (outcome.output as Record<string, unknown> | null | undefined)?.[field]
  return value === undefined || value === null ? undefined : String(value)
}

/** When the instance of a key came to its end: evicted, or its process exited. In order of time. */
function evictions(history: History, cache: string | undefined): (key: string) => number[] {
  const exits = history.filter((event) => event.type === 'target' && event.event === 'exited').map((e) => e.timeMs)
  const evicted = new DefaultMap<string, number[]>(() => [])
  if (cache !== undefined) {
    for (const event of cacheEvents(history)) {
      if (event.cache === cache && event.event === 'evict') evicted.of(event.key).push(event.source.timeMs)
    }
  }
  return (key) => [...exits, ...(evicted.get(key) ?? [])].sort((a, b) => a - b)
}

/** Puts the sightings into the epochs between evictions, and compares those of one epoch. */
function judgeKey(key: string, seen: Sighting[], endsMs: number[], history: History, findings: Findings): void {
  const epochs = new DefaultMap<number, DefaultMap<string, Sighting[]>>(() => new DefaultMap(() => []))
  for (const sighting of seen) {
    const { call } = sighting
    const epoch = epochAt(endsMs, call.invokedMs)
    if (epoch === epochAt(endsMs, call.outcome.timeMs)) epochs.of(epoch).of(sighting.instance).push(sighting)
  }
  for (const instances of epochs.values()) {
    if (instances.size > 1) tell(key, instances, history, findings)
  }
}

/** Tells the instances that were in creation when everything was cleared, and were handed out nevertheless. */
function tellResurrected(
  keys: ReadonlyMap<string, Sighting[]>,
  history: History,
  { cache, clear }: OneInstanceOptions,
  findings: Findings,
): void {
  if (cache === undefined || clear === undefined) return
  const clears = calls(history).filter(({ f, outcome }) => f === clear && outcome.type === 'ok')
  const beganMs = creations(history, cache)
  for (const [key, seen] of keys) {
    for (const { instance, call } of seen) {
      const began = beganMs.get(instance) ?? Number.POSITIVE_INFINITY
      const between = clears.find((one) => began < one.invokedMs && one.outcome.timeMs < call.invokedMs)
      if (between !== undefined) tellOne(key, { instance, call }, between, history, findings)
    }
  }
}

/** When the creation of each instance began. Creations of one key end in the order in which they began. */
function creations(history: History, cache: string): ReadonlyMap<string, number> {
  const open = new DefaultMap<string, number[]>(() => [])
  const beganMs = new Map<string, number>()
  for (const event of cacheEvents(history)) {
    if (event.cache !== cache) continue
    if (event.event === 'load') open.of(event.entry).push(event.source.timeMs)
    if (event.event !== 'loaded' && event.event !== 'load-failed') continue
    const began = open.of(event.entry).shift()
    const { instance } = event.source.value
    if (began !== undefined && typeof instance === 'string') beganMs.set(instance, began)
  }
  return beganMs
}

function tellOne(key: string, { instance, call }: Sighting, clear: Call, history: History, findings: Findings): void {
  findings.add('resurrected', key, () => ({
    message:
      `${call.client} was given ${instance} of ${key}, whose creation began before ${clear.client} cleared everything; ` +
      `it asked only at ${at(call.invokedMs)}, after that was acknowledged at ${at(clear.outcome.timeMs)}`,
    clients: [clear.client, call.client],
    evidence: eventsOf([clear, call], history),
    likelyCause: 'A creation that was in flight when the cache was cleared stored its result afterwards.',
  }))
}

/** How many ends lie before a time, by bisection. */
function epochAt(endsMs: readonly number[], timeMs: number): number {
  let low = 0
  let high = endsMs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (endsMs[middle]! < timeMs) low = middle + 1
    else high = middle
  }
  return low
}

function tell(key: string, instances: ReadonlyMap<string, Sighting[]>, history: History, findings: Findings): void {
  findings.add('instances', key, () => {
    const firsts = [...instances.values()].map((seen) => seen[0]!.call)
    const accounts = [...instances].map(([instance, seen]) => `${instance} (${names(clientsOf(seen))})`)
    return {
      message: `${key} has ${count(instances.size, 'instance')}, and clients saw different ones: ${names(accounts)}`,
      clients: [...instances.values()].flatMap(clientsOf),
      evidence: eventsOf(firsts, history),
      likelyCause:
        'Two callers found nothing and both created, or two parts of the server (two transports) have caches of their own.',
    }
  })
}

function clientsOf(seen: readonly Sighting[]): string[] {
  return [...new Set(seen.map(({ call }) => call.client))]
}

function eventsOf(shown: readonly Call[], history: History): HistoryEvent[] {
  const numbers = new Set(shown.slice(0, 4).map(({ call }) => call))
  return history.filter((event) => 'call' in event && numbers.has(event.call))
}
