/** A process that shows defects in worlds whose schedule is controlled. It is started with `raceproof/register` loaded. */
import { performTasks } from '../perform-tasks.ts'
import { missesAllowed } from './catch-claim.ts'
import type { CatchAnswer, CatchTask, Found, ProofAnswer, ProofTask } from './proof-task.ts'
import type { Prover, Small } from './prover.ts'
import { SimProver } from './sim-prover.ts'
import { ThreadProver } from './thread-prover.ts'

async function perform(task: ProofTask, alive: () => void): Promise<ProofAnswer> {
  const { module, world } = task
  const Loaded = world === 'sim' ? SimProver : ThreadProver
  const prover: Prover<unknown> = await Loaded.load(module, task.kind === 'catch' ? task.defect : null, alive)
  return task.kind === 'catch' ? caught(prover, task) : prover.silence(task)
}

async function caught(prover: Prover<unknown>, task: CatchTask): Promise<CatchAnswer> {
  const found: Found[] = []
  let small: Small | null = null
  let misses = 0
  for (const seed of task.seeds) {
    const { failure, ...looked } = await prover.look(seed, task)
    found.push(looked)
    if (failure !== null) small ??= await prover.shrink(failure, seed)
    // With so many misses it is not caught, whatever the other seeds would find.
    else if (++misses > missesAllowed(task.seeds.length)) break
  }
  const replayed = small === null ? null : await sameAgain(small, task.replays)
  const workers = small === null ? null : await small.confirm()
  const passes = task.passes ? await prover.passingOrder(task.seeds[0] as number) : null
  return { kind: 'catch', found, holds: small?.holds ?? null, replayed, workers, passes }
}

/** How many of the replays were the same. */
async function sameAgain(small: Small, replays: number): Promise<number> {
  let same = 0
  for (let time = 0; time < replays; time++) if (await small.isSameAgain()) same++
  return same
}

performTasks(perform)
