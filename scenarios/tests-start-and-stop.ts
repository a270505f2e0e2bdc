import { check, scenario } from 'raceproof'
import { state } from '../reference-impl/state/target.ts'
import { asTests, testModel } from '../reference-impl/state/target-test-model.ts'
import { testTransitions } from '../reference-impl/state/test-process.ts'

const test = { script: 'link_flap.sh', bin: 'sai_test', topology: 'mono' }

/** Many people share one test bench: each starts its test when it is free, and stops what runs. */
export default scenario('tests-start-and-stop', {
  target: state,
  source: 'thread-safe-state-management: TestExecutionManager, `api_kill_test`, test execution start/stop (3 threads)',
  promise: 'At most one test runs, a stop ends the test that it names, and no newer one.',
  async script({ client, crowd }) {
    for (let turn = 0; turn < 3; turn++) {
      await crowd.attempt(async (each, index) => {
        if (index % 2 === turn % 2) await each.startTest(test)
        else await each.stopTest()
        await each.testStatus()
      })
    }
    await client.stopTest().catch(() => {})
  },
  checks: [
    check.linearizable({ model: testModel, translate: asTests }),
    check.lifecycle({ machines: { test: { initial: ['starting'], transitions: testTransitions } } }),
    check.progress(),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { live: { clients: 16, seconds: 5, gate: false }, sim: { clients: 3 } },
})
