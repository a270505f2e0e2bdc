import { check, scenario } from 'raceproof'
import { state } from '../reference-impl/state/target.ts'
import { stubbornTest } from '../reference-impl/state/target-programs.ts'

/** A test takes its time to end, and meanwhile everybody asks how it is. */
export default scenario('status-while-stopping', {
  target: state,
  source: 'thread-safe-state-management: best practices 1 and 4 (minimise lock duration, no I/O under the lock)',
  promise: 'Nobody waits in line for the status of the test, however long its process takes to end.',
  // A test that does not heed the request to end is killed when its grace is over.
  config: { testCommand: stubbornTest, testGraceMs: 400 },
  async script({ client, crowd, sleep }) {
    await client.startTest({ script: 'link_flap.sh', bin: 'sai_test', topology: 'mono' })
    await sleep(300)
    await crowd.attempt(async (each, index) => {
      if (index === 0) await each.stopTest()
      for (let look = 0; look < Math.max(1, Math.min(3, crowd.size >> 3)); look++) await each.testStatus()
    })
  },
  checks: [
    check.contention({ locks: ['test-execution'], maxConvoy: 1 }),
    check.progress(),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { live: { clients: 40, seconds: 4, gate: false }, sim: { clients: 12 } },
})
