import { check, model, type ThreadClient, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import { hasEnded, type JobRecord, type JobState, type JobTable } from '../reference-impl/state/job-table.ts'
import { state } from '../reference-impl/state/target.ts'
import type { SharedDict } from '../reference-impl/state/thread-safe-dict.ts'

/** The states of all analyses, in the order in which they were added. */
type Known = Readonly<Record<string, JobState>>

interface Jobs {
  /** Answers whether it was added. */
  add(id: string): boolean
  /** Answers whether it lives again. */
  restart(id: string): boolean
  /** Answers what it is then; null where there is nothing to stop. */
  stop(id: string): JobState | null
  /** Answers which have been removed. */
  removeEnded(input: null): readonly string[]
  keepWithin(limit: number): void
  list(input: null): Known
}

const jobs = model<Jobs, Known>({
  name: 'analyses',
  init: { old: 'stopped' },
  apply: {
    add: (now, id) => (now[id] === undefined ? [true, { ...now, [id]: 'queued' }] : [false, now]),
    restart: (now, id) => (isOver(now[id]) ? [true, { ...now, [id]: 'queued' }] : [false, now]),
    stop: (now, id) => (now[id] === 'queued' ? ['stopped', { ...now, [id]: 'stopped' }] : [null, now]),
    removeEnded: (now) => [endedOf(now), without(now, endedOf(now))],
    keepWithin(now, limit) {
      const count = Object.keys(now).length
      return [undefined, count > limit ? without(now, endedOf(now).slice(0, count - Math.ceil(limit / 2))) : now]
    },
    list: (now) => [now, now],
  },
})

const name = 'analyses'

/** Two threads add, stop, restart and clean up the same analyses, without a word to each other. */
export default threadScenario('jobs-changed-by-two', {
  target: state,
  source: 'race-condition-bug-fix: problem identified, `_cleanup_old_analyses`, fix 4 (double lock acquisition)',
  promise: 'Whatever is done with an analysis is decided and done in one step, whichever threads ask for it.',
  setup({ parts }): SharedDict {
    const lock = new parts.ReentrantLock({ name, places: 4, lends: 0 })
    const table = new parts.JobTable('analysis', { name, lock, capacityBytes: 2048 })
    table.add(requestOf('old'))
    table.requestStop('old')
    return table.share()
  },
  threads: [
    { module: import.meta.url, run: 'begin' },
    { module: import.meta.url, run: 'cleanUp' },
  ],
  final(shared, { parts, client }) {
    client.call('list', null, () => statesOf(tableOver(shared, parts).list()))
  },
  checks: [
    check.linearizable({ model: jobs }),
    check.mutualExclusion(),
    check.lockOrder(),
    check.progress(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { schedules: 600 },
})

export function begin(shared: SharedDict, { parts, client }: ThreadContext<Components>): void {
  const table = tableOver(shared, parts)
  restart(table, 'old', client)
  addAndStop(table, client)
  restart(table, 'new', client)
}

export function cleanUp(shared: SharedDict, { parts, client }: ThreadContext<Components>): void {
  const table = tableOver(shared, parts)
  client.call('keepWithin', 2, () => table.keepWithin(2))
  client.call('removeEnded', null, () => table.removeEnded(Number.POSITIVE_INFINITY))
  addAndStop(table, client)
  client.call('keepWithin', 1, () => table.keepWithin(1))
  restart(table, 'new', client)
}

function restart(table: JobTable, id: string, client: ThreadClient): void {
  client.call('restart', id, () => table.restart(id) !== null)
}

function addAndStop(table: JobTable, client: ThreadClient): void {
  client.call('add', 'new', () => table.add(requestOf('new')) !== null)
  client.call('stop', 'new', () => table.requestStop('new')?.state ?? null)
}

function requestOf(id: string) {
  return { id, dataset: 'lab', seed: 1, steps: 1 }
}

function statesOf(all: readonly JobRecord[]): Known {
  return Object.fromEntries(all.map(({ id, state }) => [id, state]))
}

function endedOf(now: Known): string[] {
  return Object.keys(now).filter((id) => isOver(now[id]))
}

function isOver(state: JobState | undefined): boolean {
  return state !== undefined && hasEnded(state)
}

function without(now: Known, ids: readonly string[]): Known {
  return Object.fromEntries(Object.entries(now).filter(([id]) => !ids.includes(id)))
}

function tableOver(shared: SharedDict, { ReentrantLock, JobTable }: Components): JobTable {
  return new JobTable('analysis', { name, shared, lock: new ReentrantLock({ name, buffer: shared.lock }) })
}
