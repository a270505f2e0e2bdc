import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { answer } from '../../harness/check/linearizable/answer.ts'
import { decide } from '../../harness/check/linearizable/decide.ts'
import { readJepsenLog } from '../../harness/check/linearizable/formats/jepsen-log.ts'
import { effective } from '../../harness/check/linearizable/linearizable.ts'
import { modelNamed } from '../../harness/check/linearizable/models.ts'
import { operationsOf } from '../../harness/check/linearizable/operations.ts'
import { packageRoot } from '../../harness/entry.ts'
import type { HistoryEvent } from '../../harness/history/event.ts'
import type { Model } from '../../harness/model.ts'
import { concurrentHistory, type Workload } from './concurrent-history.ts'
import type { Figure } from './figure.ts'

const goals = { logsMs: 10, objectMs: 50, explanationMs: 1000, monitorMs: 1000, memoryMiB: 256 }

/** The figures of the linearizability checker; histories are made or read before the clock starts. */
export async function figures(): Promise<Figure[]> {
  // Memory first: the process's peak is not to be that of the others' histories.
  const bounded = memory()
  return [...etcdLogs(), ...oneObject(), ...explanations(), ...millionCalls(), bounded]
}

/** All of Porcupine's etcd logs, where they are at hand, decided one after the other. */
function etcdLogs(): Figure[] {
  const folder = join(packageRoot, '../shared/data/porcupine/jepsen')
  if (!existsSync(folder)) return []
  const model = modelNamed('cas-register')!
  const histories = readdirSync(folder).map((file) => readJepsenLog(readFileSync(join(folder, file), 'utf8')).history)
  const value = warmCpuMs(() => {
    for (const history of histories) judged(model, history)
  })
  return [figure(`linearizability: ${histories.length} etcd logs of Porcupine, CPU`, value, goals.logsMs)]
}

/** 10,000 calls of 100 clients on one object. */
function oneObject(): Figure[] {
  return [...workloads()].map(([name, make]) => {
    const history = concurrentHistory(make(), 100, 10_000)
    const model = modelNamed(name)!
    return figure(
      `linearizability: 10,000 calls, 100 clients, ${name}`,
      warmCpuMs(() => judged(model, history)),
      goals.objectMs,
    )
  })
}

/** 10,000 calls of 100 clients that end in one wrong answer, explained: the kinds of which nothing small is a proof. */
function explanations(): Figure[] {
  return ['counter', 'fetch-add'].map((name) => {
    const history = endingWrong(concurrentHistory(workloads().get(name)!(), 100, 10_000))
    const model = modelNamed(name)!
    const value = warmCpuMs(() => {
      const { verdict } = answer(model, effective(operationsOf(history)), history)
      if (verdict !== 'invalid') throw new Error(`the benchmark's wrong ${name} history was found ${verdict}`)
    })
    return figure(`linearizability: 10,000 calls explained, 100 clients, ${name}`, value, goals.explanationMs)
  })
}

/** The history with one more read, of a number that is one too small. */
function endingWrong(history: readonly HistoryEvent[]): HistoryEvent[] {
  const timeMs = history.at(-1)!.timeMs + 1
  const changes = history.filter((event) => event.type === 'invoke' && event.f !== 'read').length
  const last = { timeMs, client: 'last', call: history.length, f: 'read' }
  return [...history, { type: 'invoke', ...last, input: null }, { type: 'ok', ...last, output: changes - 1 }]
}

/** 1,000,000 calls of 100 clients, judged by a monitor. */
function millionCalls(): Figure[] {
  return ['register', 'queue', 'set', 'versioned-register'].map((name) => {
    const history = concurrentHistory(workloads().get(name)!(), 100, 1_000_000)
    const value = medianOf([1, 2, 3, 4, 5].map(() => cpuMs(() => judged(modelNamed(name)!, history))))
    return figure(`linearizability: 1,000,000 calls through the monitor, ${name}`, value, goals.monitorMs)
  })
}

/** A history that no search can decide: the budget ends it, and the process's peak grows by little more than the budget. */
function memory(): Figure {
  const operations = effective(operationsOf(concurrentHistory(blindRegister(), 100, 10_000)))
  const budget = { steps: Number.MAX_SAFE_INTEGER, memoryMiB: goals.memoryMiB / 2 }
  const before = process.resourceUsage().maxRSS
  const { verdict } = decide(modelNamed('register')!, operations, { monitors: false, budget })
  const value = (process.resourceUsage().maxRSS - before) / 1024
  return {
    name: `linearizability: peak memory of a search that ends ${verdict}, budget ${budget.memoryMiB} MiB`,
    value,
    unit: 'MiB',
    peer: null,
    peerValue: null,
    ratio: null,
    goal: `≤ ${goals.memoryMiB} MiB, and unknown`,
    met: value <= goals.memoryMiB && verdict === 'unknown',
  }
}

function judged(model: Model, history: readonly HistoryEvent[]): void {
  const { verdict, reason } = decide(model, effective(operationsOf(history)))
  if (verdict === 'unknown') throw new Error(`the benchmark's ${model.name} history was not decided: ${reason}`)
}

function figure(name: string, value: number, goalMs: number): Figure {
  return {
    name,
    value,
    unit: 'ms',
    peer: null,
    peerValue: null,
    ratio: null,
    goal: `≤ ${goalMs} ms`,
    met: value <= goalMs,
  }
}

/** The median of seven runs after three that warm up. */
function warmCpuMs(run: () => void): number {
  return medianOf(Array.from({ length: 10 }, () => cpuMs(run)).slice(3))
}

function medianOf(times: readonly number[]): number {
  return [...times].sort((one, other) => one - other)[times.length >> 1]!
}

function cpuMs(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

function workloads(): Map<string, () => Workload> {
  return new Map([
    ['counter', counter],
    ['fetch-add', fetchAdd],
    ['mutex', mutex],
    ['set', set],
    ['register', uniqueRegister],
    ['queue', queue],
    ['versioned-register', versionedRegister],
  ])
}

function counter(): Workload {
  let count = 0
  return {
    ask: (random) => ({ f: random.pick(['increment', 'read']), input: null }),
    effect: (f) => (f === 'read' ? count : void count++),
  }
}

function fetchAdd(): Workload {
  let count = 0
  return {
    ask: (random) => ({ f: random.pick(['fetchAdd', 'read']), input: null }),
    effect: (f) => (f === 'read' ? count : count++),
  }
}

function mutex(): Workload {
  let owner = -1
  const holds = new Set<number>()
  return {
    ask: (_, __, client) => ({ f: holds.has(client) ? 'release' : 'tryAcquire', input: null }),
    effect: (f, _, client) => {
      if (f === 'release') {
        owner = -1
        holds.delete(client)
        return undefined
      }
      if (owner !== -1) return false
      owner = client
      holds.add(client)
      return true
    },
  }
}

function set(): Workload {
  const elements = new Set<unknown>()
  return {
    ask: (random) => ({ f: random.pick(['add', 'remove', 'contains']), input: random.integer(0, 15) }),
    effect: (f, element) => {
      const had = elements.has(element)
      if (f === 'add') elements.add(element)
      if (f === 'remove') elements.delete(element)
      return f === 'add' ? !had : had
    },
  }
}

function registerOf(values: (call: number) => number): Workload {
  let value: unknown = null
  return {
    ask: (random, call) => (random.chance(0.5) ? { f: 'write', input: values(call) } : { f: 'read', input: null }),
    effect: (f, input) => {
      if (f === 'read') return value
      value = input
      return undefined
    },
  }
}

function uniqueRegister(): Workload {
  return registerOf((call) => call)
}

function blindRegister(): Workload {
  return registerOf((call) => call % 1000)
}

function queue(): Workload {
  const items: unknown[] = []
  let first = 0
  return {
    ask: (random, call) => (random.chance(0.5) ? { f: 'enqueue', input: call } : { f: 'dequeue', input: null }),
    effect: (f, input) => (f === 'enqueue' ? void items.push(input) : first < items.length ? items[first++] : null),
  }
}

function versionedRegister(): Workload {
  let held = { value: null as unknown, version: 0 }
  return {
    ask: (random, call) => (random.chance(0.5) ? { f: 'write', input: call } : { f: 'read', input: null }),
    effect: (f, value) => {
      if (f === 'read') return held
      held = { value, version: held.version + 1 }
      return { version: held.version }
    },
  }
}
