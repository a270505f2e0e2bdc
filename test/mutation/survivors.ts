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
  'pipeline/shutdown await await hub.stop(closeTimeoutMs)':
    'Closing HTTP waits for the connections of the same readers, and nothing takes long to be deleted from the simulated database; the test of stopping has events that do.',
  'pipeline/stream-hub await await Promise.all(this.#releases)':
    'The simulated database answers before anything else can happen; the test of stopping has events that take their time to be deleted.',
  'pipeline/stream-hub await await this.drain(stream)':
    'The simulated database answers before anything else can happen; the test of stopping has events that take their time to be deleted.',
  'state/activity-log lock lock.run(() => services.run(() => ({ services: services.getAllStatus(), changes…':
    'The changes belong to one event loop and are copied in one turn; the lock is there so that a listener has one to take, whose order among others is raced.',
  'state/activity-log lock lock.run(() => { this.#changes.push(change); if (this.#changes.length > limit) …':
    'The changes belong to one event loop and are added in one turn; the lock is there so that a listener has one to take, whose order among others is raced.',
  'state/probe-batch bound if (this.#kept.length >= limit)':
    'A batch goes out with the next message of its worker thread as well, so that nothing is lost; the test of the batch sees it go when it is full.',
  'state/server await await stop(http, assembly)':
    'Only a server that cannot start comes here, and none of those that are raced fails to; the test of the server takes its port away.',
  'state/test-runner await await tests.run(() => tests.stopTest())':
    'The lock is fair: whatever asks for the state afterwards comes behind this, whether or not anybody waits for it.',
  'state/test-runner await await this.end(process)':
    'The process has been told to end by then; whoever stopped the test waits for it as well.',
}

/** Why a mutant that survived is no hole in the scenarios; null when nobody has looked into it. */
export function reasonOf({ key }: Pick<Mutant, 'key'>): string | null {
  return reasons[key] ?? null
}
