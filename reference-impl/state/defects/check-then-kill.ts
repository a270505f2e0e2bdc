import { type Defect, defect } from 'raceproof'
import { Refusal } from '../refusal.ts'
import { TestRunner } from '../test-runner.ts'
import { turn } from '../turn.ts'

/** A stop ends whatever test runs by the time that it acts. */
export const checkThenKill: Defect = defect(
  'check-then-kill',
  TestRunner,
  {
    source: 'thread-safe-state-management, TestExecutionManager, `api_kill_test`',
    wrong: '`isRunning`, `getPid`, kill, `stopTest` under four acquisitions: a newer test is killed',
    caughtBy: ['linearizable'],
    worlds: ['sim', 'threads', 'live'],
    scenarios: ['tests-start-and-stop', 'test-bench-shared'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override async stop() {
        const { tests } = this.options
        const found = await this.status()
        if (!found.running) throw new Refusal(409, 'no test is running')
        await turn()
        const process = this.processes.get((await this.status()).execution) // DEFECT: perhaps not the one that was found
        if (process !== undefined) await this.end(process)
        await tests.run(() => tests.stopTest())
        return found
      }
    },
)
