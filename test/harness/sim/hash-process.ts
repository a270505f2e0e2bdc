import { isMainThread, parentPort } from 'node:worker_threads'
import { simulate } from '../../../harness/sim/simulate.ts'
import { randomWalk } from '../../../harness/sim/strategy/random-walk.ts'
import { programs } from './programs.ts'

/** Prints, or posts from a worker, the hash of every program for some seeds; runs as a process or thread of its own. */
const hashes: string[] = []
for (const program of Object.values(programs)) {
  for (const seed of [1, 2, 3]) hashes.push((await simulate(program, { seed, strategy: randomWalk(seed) })).hash)
}
if (isMainThread) process.stdout.write(JSON.stringify(hashes))
else parentPort?.postMessage(hashes)
