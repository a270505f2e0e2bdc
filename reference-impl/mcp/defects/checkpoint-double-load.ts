import { type Defect, defect } from 'raceproof'
import { CheckpointCache } from '../checkpoint-cache.ts'
import type { Checkpoint } from '../checkpoint-loader.ts'

/** Two callers that want a checkpoint at once both load it. */
export const checkpointDoubleLoad: Defect = defect(
  'checkpoint-double-load',
  CheckpointCache,
  {
    source: 'mcp-thread-safety-insights, component 3',
    wrong: 'no lock around the checkpoint cache',
    caughtBy: ['double-loads'],
    worlds: ['sim', 'live'],
    scenarios: ['dual-transport-session', 'cleared-while-created'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override getOrCreate(key: string, create: (key: string) => Promise<Checkpoint>) {
        return this.get(key) ?? this.create(key, create) // DEFECT: no lock, and no second look
      }
    },
)
