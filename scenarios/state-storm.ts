import * as fc from 'fast-check'
import { check, operation, type ScriptContext, scenario, workload } from 'raceproof'
import { hasEnded, jobTransitions } from '../reference-impl/state/job-table.ts'
import { state } from '../reference-impl/state/target.ts'
import type { StateClient } from '../reference-impl/state/target-client.ts'
import { testTransitions } from '../reference-impl/state/test-process.ts'

const services = ['qsfp_service', 'sai_mono_link_test', 'fboss_agent', 'wedge_agent', 'bgpd']
const test = { script: 'link_flap.sh', bin: 'sai_test', topology: 'mono' }

/**
 * 120 clients toggle services and start and stop tests and analyses, while eight worker threads work on the same state:
 * dictionaries that event loop and threads share. Every answer must be whole and its asker's own, only one test may run,
 * and nobody may wait long for a lock.
 */
export default scenario('state-storm', {
  target: state,
  source:
    'thread-safe-state-management: concurrency tests; race-condition-bug-fix: testing recommendations (load tests)',
  promise: 'State shared by an event loop and worker threads stays whole, however many clients change it at once.',
  config: { workers: 8 },
  async script(context) {
    const { client, crowd, unique, step } = context
    const datasets = Array.from({ length: 5 }, () => unique('dataset'))
    await step('stampede', async () => {
      await crowd.attempt(async (each, index) => {
        await each.setService(services[index % services.length]!, index % 2 === 0)
        await each.startTest(test).catch(() => each.testStatus())
        // Many analyses of few datasets, none of which is there yet.
        await each.startAnalysis({ id: unique('analysis'), dataset: datasets[index % 5], seed: index, steps: 20 })
      })
      await untilIdle(context)
    })
    await step('steady', () => mixedWork(context, datasets))
    await step('come to rest', async () => {
      await client.stopTest().catch(() => {})
      await untilIdle(context)
      await client.cleanupAnalyses(0)
    })
  },
  checks: [
    check.identity(),
    check.lifecycle({
      machines: {
        simulation: { initial: ['queued'], transitions: jobTransitions },
        analysis: { initial: ['queued'], transitions: jobTransitions },
        test: { initial: ['starting'], transitions: testTransitions },
      },
    }),
    check.mutualExclusion(),
    check.doubleLoads(),
    check.contention({ steady: 'steady', stampede: 'stampede', maxWaitShare: 0.05 }),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { sim: { clients: 3 }, live: { clients: 120, seconds: 8 } },
})

/** What an operator's day is made of: mostly looking, sometimes changing. Refusals (409, 429) are right answers. */
function mixedWork(context: ScriptContext<StateClient>, datasets: readonly string[]): Promise<void> {
  const service = fc.constantFrom(...services)
  const job = fc.integer({ min: 1, max: 20 }).map((number) => `r${context.round}-${number}`)
  const nothing = fc.constant(null)
  /** Clients pause before each call: 120 that never do would show the processor's limits, not the locks'. */
  const paced = <Input>(
    weight: number,
    input: fc.Arbitrary<Input>,
    run: (client: StateClient, input: Input) => unknown,
  ) =>
    operation({
      weight,
      input: fc.tuple(fc.nat(400), input),
      run: async (client: StateClient, [pauseMs, drawn]) => {
        await context.sleep(pauseMs)
        return run(client, drawn)
      },
    })
  const work = workload<StateClient>(
    {
      services: paced(6, nothing, (client) => client.services()),
      testStatus: paced(4, nothing, (client) => client.testStatus()),
      analysis: paced(4, job, (client, id) => client.analysis(id)),
      listSimulations: paced(1, nothing, (client) => client.listSimulations()),
      setService: paced(6, fc.tuple(service, fc.boolean()), (client, [name, on]) => client.setService(name, on)),
      updateServices: paced(3, fc.dictionary(service, fc.boolean(), { minKeys: 2 }), (client, statuses) =>
        client.updateServices(statuses),
      ),
      startTest: paced(1, nothing, (client) => client.startTest(test)),
      stopTest: paced(1, nothing, (client) => client.stopTest()),
      startSimulation: paced(1, fc.tuple(job, fc.nat(99)), (client, [id, seed]) =>
        client.startSimulation({ id, seed, steps: 300_000 }),
      ),
      stopSimulation: paced(1, job, (client, id) => client.stopSimulation(id)),
      startAnalysis: paced(1, fc.tuple(job, fc.constantFrom(...datasets), fc.nat(99)), (client, [id, dataset, seed]) =>
        client.startAnalysis({ id, dataset, seed, steps: 20 }),
      ),
      restartAnalysis: paced(1, job, (client, id) => client.restartAnalysis(id)),
      stopAnalysis: paced(1, job, (client, id) => client.stopAnalysis(id)),
      cleanupAnalyses: paced(1, nothing, (client) => client.cleanupAnalyses(0)),
    },
    { perClient: Math.min(8, context.crowd.size + 1) },
  )
  return work(context)
}

/** Waits until no simulation and no analysis waits or runs. */
async function untilIdle({ client, sleep }: ScriptContext<StateClient>): Promise<void> {
  for (;;) {
    const { jobs: simulations } = await client.listSimulations()
    const { jobs: analyses } = await client.listAnalyses()
    if ([...simulations, ...analyses].every(({ state }) => hasEnded(state))) return
    await sleep(50)
  }
}
