import { check, scenario } from 'raceproof'
import { state } from '../reference-impl/state/target.ts'

const request = { script: 'link_flap.sh', bin: 'sai_test', topology: 'mono' }

/** One operator runs one test after the other, while others look on. Whoever has stopped a test has nothing running. */
export default scenario('tests-one-after-another', {
  target: state,
  source: 'thread-safe-state-management: TestExecutionManager, `api_kill_test`',
  promise: 'A test that was stopped is gone when the stop is answered, and the next one has the bench to itself.',
  async script({ client, crowd, random, sleep }) {
    const onlookers = crowd.rest(1).all(async (each) => {
      for (let look = 0; look < 4; look++) await each.testStatus()
    })
    for (let turn = 0; turn < 3; turn++) {
      await client.startTest(request)
      await sleep(random.integer(0, 3))
      if (turn % 2 === 0) await client.stopTest()
      else await client.allDown()
    }
    await onlookers
  },
  checks: [
    check.bounds({ open: { 'test-process': 1 } }),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 4, seconds: 4, rounds: 3, gate: false }, sim: { clients: 2 } },
})
