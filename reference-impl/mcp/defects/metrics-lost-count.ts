import { type Defect, defect } from 'raceproof'
import { WorkflowEngine } from '../workflow-engine.ts'
import { turn } from './turn.ts'

/** What is counted between the reading of the counts and their reset is lost. */
export const metricsLostCount: Defect = defect(
  'metrics-lost-count',
  WorkflowEngine,
  {
    source: 'mcp-thread-safety-insights, model 2',
    wrong: 'counts are read, awaited out, then zeroed',
    caughtBy: ['linearizable'],
    worlds: ['sim', 'live'],
    scenarios: ['metrics-collected'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override async cacheMetrics(reset: boolean) {
        const counts = await super.cacheMetrics(false)
        await turn()
        // DEFECT: zeroes what was counted since
        if (reset) await super.cacheMetrics(true)
        return counts
      }
    },
)
