import { defect } from 'raceproof'
import { Assembly } from '../assembly.ts'

/** Gives each transport an engine of its own, so that the two hold different sessions of one id. */
export const dualTransportSplit = defect(
  'dual-transport-split',
  Assembly,
  {
    source: 'mcp-thread-safety-insights, story 2 and test 3',
    wrong: 'stdio and HTTP of one process each hold an engine of their own over the same state',
    caughtBy: ['one-instance', 'linearizable'],
    worlds: ['sim', 'live'],
    scenarios: ['shared-session-state', 'dual-transport-session'],
    liveRuns: 10,
  },
  (Correct) =>
    class extends Correct {
      protected override engine() {
        return this.makeEngine() // DEFECT: each transport that asks gets a new engine, not the one that is there.
      }
    },
)
