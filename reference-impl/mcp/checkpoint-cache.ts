import { GuardedCache } from '../sync/guarded-cache.ts'
import type { Checkpoint } from './checkpoint-loader.ts'

/** The checkpoints that were loaded, by workflow and phase. */
export class CheckpointCache extends GuardedCache<Checkpoint> {
  constructor() {
    super({ name: 'checkpoints' })
  }
}
