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
    await step('steady', async () => {
      for (let turn = 0; turn < 4; turn++) {
        await mixedWork({ ...context, random: context.random.fork(turn) }, datasets)
        await context.sleep(200)
      }
    })
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
  scale: { live: { clients: 120, seconds: 8 } },
})

/** What an operator's day is made of: mostly looking, sometimes changing. Refusals (409, 429) are right answers. */
function mixedWork(context: ScriptContext<StateClient>, datasets: readonly string[]): Promise<void> {
  const service = fc.constantFrom(...services)
  const job = fc.integer({ min: 1, max: 20 }).map((number) => `r${context.round}-${number}`)
  const nothing = fc.constant(null)
  const work = workload<StateClient>(
    {
      services: operation({ weight: 6, input: nothing, run: (client) => client.services() }),
      testStatus: operation({ weight: 4, input: nothing, run: (client) => client.testStatus() }),
      analysis: operation({ weight: 4, input: job, run: (client, id) => client.analysis(id) }),
      listSimulations: operation({ weight: 1, input: nothing, run: (client) => client.listSimulations() }),
      setService: operation({
        weight: 6,
        input: fc.record({ name: service, status: fc.boolean() }),
        run: (client, { name, status }) => client.setService(name, status),
      }),
      updateServices: operation({
        weight: 3,
        input: fc.dictionary(service, fc.boolean(), { minKeys: 2 }),
        run: (client, statuses) => client.updateServices(statuses),
      }),
      startTest: operation({ weight: 1, input: nothing, run: (client) => client.startTest(test) }),
      stopTest: operation({ weight: 1, input: nothing, run: (client) => client.stopTest() }),
      startSimulation: operation({
        weight: 1,
        input: fc.record({ id: job, seed: fc.integer({ min: 0, max: 99 }) }),
        run: (client, { id, seed }) => client.startSimulation({ id, seed, steps: 300_000 }),
      }),
      stopSimulation: operation({ weight: 1, input: job, run: (client, id) => client.stopSimulation(id) }),
      startAnalysis: operation({
        weight: 1,
        input: fc.record({ id: job, dataset: fc.constantFrom(...datasets), seed: fc.nat(99) }),
        run: (client, analysis) => client.startAnalysis({ ...analysis, steps: 20 }),
      }),
      restartAnalysis: operation({ weight: 1, input: job, run: (client, id) => client.restartAnalysis(id) }),
      stopAnalysis: operation({ weight: 1, input: job, run: (client, id) => client.stopAnalysis(id) }),
      cleanupAnalyses: operation({ weight: 1, input: nothing, run: (client) => client.cleanupAnalyses(0) }),
    },
    { perClient: 2 },
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
