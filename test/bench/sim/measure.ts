/** Measures the simulated world in a process of its own, since its builtins are replaced, and prints JSON. */
import '../../../harness/register.ts'
import { functionSubject } from '../../../harness/explore/function-subject.ts'
import { scenarioSubject } from '../../../harness/run/sim/scenario-subject.ts'
import { median } from '../figure.ts'
import { bareServer } from './bare-server.ts'
import { type BugModel, bugModels } from './bug-models.ts'
import { byFastCheck, byStrategy, modelSubject } from './model-runs.ts'
import { pipelineWatch } from './pipeline-watch.ts'
import { batches, cpuSeconds, run, schedulesPerCpuSecond } from './speed.ts'

/** What is measured: schedules per second of processor time, and schedules to each bug. */
export interface Measured {
  speed: Record<'bare3' | 'bare100' | 'pipeline3' | 'pipeline100', number>
  model: { ours: number; fastCheck: number }
  bugs: { name: string; by: string; found: number; median: number | null }[]
}

const seeds = 20
const schedulesMost = 1000
const strategies = ['random', 'delay:3', 'pct:3', 'pos', 'surw', 'portfolio']

/** A model that never fails, of 36 steps. */
const harmless: BugModel = {
  name: 'harmless',
  async run(step) {
    await Promise.all(
      Array.from({ length: 6 }, async (_, chain) => {
        for (let turn = 0; turn < 6; turn++) await step(`${chain}.${turn}`)
      }),
    )
  },
}

async function speed(): Promise<Measured['speed']> {
  const bare = (clients: number) => functionSubject(bareServer(clients), { name: 'bare server', leftovers: true })
  const watching = (clients: number) => scenarioSubject(pipelineWatch, { defect: null, clients })
  return {
    bare3: await schedulesPerCpuSecond(bare(3), { warmUp: 1000, schedules: 1000 }),
    bare100: await schedulesPerCpuSecond(bare(100), { warmUp: 80, schedules: 40 }),
    pipeline3: await schedulesPerCpuSecond(watching(3), { warmUp: 1000, schedules: 300 }),
    pipeline100: await schedulesPerCpuSecond(watching(100), { warmUp: 30, schedules: 16 }),
  }
}

/** By turns, so that both have the same machine. */
async function model(): Promise<Measured['model']> {
  const runs = 4000
  const subject = modelSubject(harmless)
  const byOurs = (seed: number) => run(subject, { seed, schedules: runs, strategy: 'random' })
  const byTheirs = (seed: number) => byFastCheck(harmless, seed, runs)
  await byOurs(1)
  await byTheirs(1)
  const [ours, fastCheck]: [number[], number[]] = [[], []]
  for (let seed = 2; seed < 2 + batches; seed++) {
    ours.push(runs / (await cpuSeconds(() => byOurs(seed))))
    fastCheck.push(runs / (await cpuSeconds(() => byTheirs(seed))))
  }
  return { ours: Math.max(...ours), fastCheck: Math.max(...fastCheck) }
}

async function bugs(): Promise<Measured['bugs']> {
  const rows: Measured['bugs'] = []
  for (const bug of bugModels) {
    rows.push(await row(bug.name, "fast-check's scheduler()", (seed) => byFastCheck(bug, seed, schedulesMost)))
    for (const strategy of strategies) {
      rows.push(await row(bug.name, strategy, (seed) => byStrategy(bug, strategy, seed, schedulesMost)))
    }
  }
  return rows
}

async function row(name: string, by: string, find: (seed: number) => Promise<number | null>) {
  const found: number[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    const schedules = await find(seed)
    if (schedules !== null) found.push(schedules)
  }
  return { name, by, found: found.length, median: found.length === 0 ? null : median(found) }
}

const measured: Measured = { model: await model(), bugs: await bugs(), speed: await speed() }
process.stdout.write(`${JSON.stringify(measured)}\n`)
