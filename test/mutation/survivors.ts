import type { Mutant } from './mutants.ts'

/** Why the scenarios need not notice, by the key of a mutant: its file, its kind, and the code that was taken away. */
export const reasons: Readonly<Record<string, string>> = {
  'mcp/metadata-file lock this.gate.run(this.path, async () => { if (!existsSync(this.path)) await this.w…':
    'It matters while one process serves and the other one is still starting, and clients are let in when both have started; the test of the metadata file makes them overlap.',
  'pipeline/connection-pool await await this.#allReturned()':
    'Work is still in hand then only for a client that has gone, while the database is slow, and the simulated one is not; the test of the pool waits for such work.',
  "pipeline/plan-registry await await this.#endAnyway(plan, failure('the server was stopped'))":
    'A process is there in the turn in which it is started, so that none is missed by killing it before the end has the lock of its plan.',
  "pipeline/plan-registry await await this.#endAnyway(plan, failure('the server met an internal error'))":
    'Only the permit comes back a moment earlier; who takes it has to wait for the same end, since only one writes at a time.',
  'pipeline/plan-registry lock this.locks.run(plan.id, async () => { if (plan.ended) return null; plan.executi…':
    'A plan that is being deleted may be started then, and the same deletion kills its process when it is done.',
  'pipeline/plan-registry lock this.locks.run(plan.id, () => this.finish(plan, ending).catch(abort))':
    'It keeps a deletion from coming between an end that could not be stored and what is done about it, in a database so full that no plan is accepted any more.',
  'pipeline/server await await shutdown.run()':
    'Only a server that cannot start comes here, and none of those that are raced fails to; the test of stopping has one that cannot.',
  'pipeline/stream-hub await await Promise.all(this.#releases)':
    'The simulated database answers before anything else can happen; the test of stopping has events that take their time to be deleted.',
  'pipeline/stream-hub await await this.drain(stream)':
    'The simulated database answers before anything else can happen; the test of stopping has events that take their time to be deleted.',
  'state/activity-log lock lock.run(() => services.run(() => ({ services: services.getAllStatus(), changes…':
    'The changes belong to one event loop and are copied in one turn; the lock is there for its order among others.',
  'state/activity-log lock lock.run(() => { this.#changes.push(change); if (this.#changes.length > limit) …':
    'The changes belong to one event loop and are added in one turn; the lock is there for its order among others.',
  'state/activity-log bound if (this.#changes.length > limit)':
    'No scenario makes so many changes in one life of the server that the oldest would have to go.',
  'state/encoded-table bound if (total > capacityBytes)':
    'No scenario fills a table; the test of the table does, and sees that it keeps what it had.',
  'state/job-registry lock table.run(() => { table.keepWithin(keep); return table.add(request); })':
    'The section has no await, and only the event loop adds and removes jobs: nothing of it comes in between.',
  'state/job-registry lock table.run(() => ({ before: table.get(id), job: table.requestStop(id) }))':
    'A worker may end the job between the two steps, which changes nothing but the words of the refusal.',
  'state/job-registry lock table.run(() => table.get(id))':
    'The section is one operation on shared memory, which takes the lock by itself; only on a main thread that may not wait for a worker does it matter.',
  'state/job-registry lock table.run(() => table.list())':
    'The section is one operation on shared memory, which takes the lock by itself; only on a main thread that may not wait for a worker does it matter.',
  'state/job-registry lock table.run(() => table.removeEnded(Date.now() - olderThanMs))':
    'The section is one operation on shared memory, which takes the lock by itself; only on a main thread that may not wait for a worker does it matter.',
  'state/job-registry lock table.run(() => void table.end(job, end))':
    'The section is one operation on shared memory, which takes the lock by itself; only on a main thread that may not wait for a worker does it matter.',
  'state/job-registry await await Promise.all(active.map(({ id }) => this.stop(id).catch(unlessEnded)))':
    'The next line waits for the same jobs to end, which the stop has asked for by then.',
  'state/job-registry await await Promise.all([...this.#works.values()].map(({ done }) => done))':
    'The worker threads, which the stop waits for next, end when their jobs have.',
  'state/job-table lock this.jobs.run(section)':
    'Its sections are single operations, which take the lock by themselves, or leave nothing but the words of a refusal to chance.',
  'state/job-table lock this.jobs.lock.runSync(() => (this.jobs.has(request.id) ? null : this.#begin(re…':
    'The second line of defence: the registry holds the lock already when it calls it, and no worker thread does.',
  'state/job-table lock this.jobs.lock.runSync(() => { const job = this.jobs.get(id); return job !== un…':
    'The second line of defence: the registry holds the lock already when it calls it, and no worker thread does.',
  'state/job-table lock this.jobs.lock.runSync(() => { const job = this.jobs.get(id); if (job === undef…':
    'The second line of defence: the registry holds the lock already when it calls it, and no worker thread does.',
  'state/job-table lock this.jobs.lock.runSync(() => { const old = this.list().filter(({ endedMs }) => …':
    'The second line of defence: the registry holds the lock already when it calls it, and no worker thread does.',
  'state/job-table lock this.jobs.lock.runSync(() => ids.filter((id) => this.jobs.delete(id)))':
    'The second line of defence: the registry holds the lock already when it calls it, and no worker thread does.',
  'state/job-table lock this.jobs.lock.runSync(() => { if (this.jobs.size <= limit) return; const ended…':
    'The second line of defence: the registry holds the lock already when it calls it, and no worker thread does.',
  'state/job-table lock this.jobs.lock.runSync(() => { this.jobs.set(job.id, job); this.#tell(job.id, f…':
    'The second line of defence: whoever records a step has looked at the job under the same lock.',
  'state/probe-batch bound if (this.#kept.length >= limit)':
    'A batch goes out with the next message of its worker as well; the bound only keeps it small while a job takes long.',
  'state/route bound if (bytes > maxBodyBytes)':
    'It turns away what is malformed, which no order of events brings about; the test of the server sends it.',
  'state/server await await stop(http, assembly)':
    'Only a server that cannot start comes here, and none of those that are raced fails to.',
  'state/server await await pool.stop()':
    'The threads end by themselves when their jobs have, and nothing after it needs them.',
  'state/server await await closed': 'It is the last step of a stop, when all requests have been answered.',
  'state/service-registry lock services.run(() => services.getStatus(name))':
    'The section is one operation on shared memory, which takes the lock by itself; only on a main thread that may not wait for a worker does it matter.',
  'state/services-api re-check if (status === undefined)':
    'It tells who asks for a service that nobody knows; the test of the server asks.',
  'state/status-api await await testRunner.ended(stopped)':
    'No scenario brings everything down over HTTP; the one that does calls the board itself.',
  'state/test-execution-manager lock this.execution.lock.runSync(() => { const state = this.getState(); if (!state.r… (2)':
    'The second line of defence: the runner holds the lock already when it calls it, and no worker thread does.',
  'state/test-runner lock tests.run(() => tests.getState())':
    'The section is one operation on shared memory, which takes the lock by itself; only on a main thread that may not wait for a worker does it matter.',
  'state/test-runner lock tests.run(() => tests.stopTest()) (2)':
    'The section is one operation on shared memory, which takes the lock by itself; only on a main thread that may not wait for a worker does it matter.',
  'state/test-runner lock tests.run(() => tests.startTest({ ...request, pid: null }))':
    'The section is one operation on shared memory, which takes the lock by itself; only on a main thread that may not wait for a worker does it matter.',
  'state/test-runner lock tests.run(() => tests.stopTest(execution))':
    'The section is one operation on shared memory, which takes the lock by itself; only on a main thread that may not wait for a worker does it matter.',
  'state/test-runner await await tests.run(() => tests.stopTest())':
    'When the server stops, the processes are ended in the next line, whatever the state says of them.',
  'state/test-runner await await Promise.all([...this.processes.values()].map((process) => this.end(proces…':
    'When the server stops, the processes have been told to end by then, and whoever outlives it is found.',
  'state/thread-safe-dict lock this.lock.run(section)':
    'Its sections are single operations, which take the lock by themselves, or leave nothing but the words of a refusal to chance.',
  'state/thread-safe-dict lock this.lock.runSync(() => ({ reads: this.table.reads, writes: this.table.writes, …':
    'It reads the counts of a dict as of one moment, for which nobody asks but its test.',
  'state/worker-pool await await Promise.all(exits)':
    'The threads end by themselves when their jobs have, and nothing after it needs them.',
  'sync/reentrant-lock re-check if (!entered)':
    'Only a task that outlives its section can come too late to enter again, and no component forks one; the test of the lock does.',
  'state/job-table re-check if (this.jobs.size <= limit)':
    'Jobs that have ended are forgotten sooner than they must be, but never the latest, on which alone somebody may rely.',
  'state/status-board lock tests.run(() => ({ services: services.getAllStatus(), test: tests.getState() }))':
    'The board reads the test in one operation, which takes the lock by itself, while the services stand still.',
  'state/status-board lock tests.run(() => { const running = Object.keys(services.getAllStatus()).filter((…':
    'The board stops the test in one operation, which takes the lock by itself, while the services stand still.',
  'state/test-runner await await this.end(process)':
    'The process has been told to end by then; whoever stopped the test waits for it as well.',
}

/** Why a mutant that survived is no hole in the scenarios; null when nobody has looked into it. */
export function reasonOf({ key }: Pick<Mutant, 'key'>): string | null {
  return reasons[key] ?? null
}
