/** A process that looks for what a mutant breaks. It is started with `raceproof/register` loaded. */
import type { Finding } from '../../harness/check/verdict.ts'
import { fromMacrotask } from '../../harness/explore/explore-subject.ts'
import { SchedulePlan } from '../../harness/explore/schedule-plan.ts'
import { performTasks } from '../../harness/run/perform-tasks.ts'
import { loadSubject } from '../../harness/run/sim/load-subject.ts'
import { loadThreadSubject } from '../../harness/run/threads/load-thread-subject.ts'
import { exploreThreadSubject } from '../../harness/run/threads/thread-exploration.ts'
import type { ThreadSubject } from '../../harness/run/threads/thread-subject.ts'
import { strategiesNamed } from '../../harness/sim/strategy/strategies.ts'
import type { AnyThreadScenario } from '../../harness/thread-scenario.ts'
import type { ScheduledLook, Seen } from './scheduled-look.ts'
import { takeReached, turnOff } from './switch.ts'

type Looked = Omit<Seen, 'cpuMs'>

const strategies = strategiesNamed('portfolio') ?? []

/** Looks, with what it has loaded for earlier looks. */
class Looking {
  readonly #plans = new Map<string, SchedulePlan>()
  readonly #threads = new Map<string, ThreadSubject>()

  async look(task: ScheduledLook, alive: () => void): Promise<Seen> {
    const before = process.cpuUsage()
    const seen = await (task.world === 'sim' ? this.#simulated(task, alive) : this.#threaded(task, alive))
    const { user, system } = process.cpuUsage(before)
    return { ...seen, cpuMs: (user + system) / 1_000 }
  }

  async #simulated(task: ScheduledLook, alive: () => void): Promise<Looked> {
    const plan = await this.#planOf(task)
    const reached: Seen['reached'][number][] = []
    const unjudged: number[] = []
    takeReached()
    for (const schedule of task.schedules) {
      turnOff(task.mutant)
      const { judged } = await fromMacrotask(() => plan.run(schedule))
      alive()
      reached.push({ schedule, mutants: takeReached() })
      if (judged.verdict === 'invalid') return { wrong: checksOf(judged.findings), unjudged, reached }
      if (judged.verdict === 'unknown') unjudged.push(schedule)
    }
    return { wrong: null, unjudged, reached }
  }

  /** The plan of a scenario's schedules. The correct code sets it up, so that it is the same for all mutants. */
  async #planOf({ module, seed }: ScheduledLook): Promise<SchedulePlan> {
    const key = `${module} ${seed}`
    const known = this.#plans.get(key)
    if (known !== undefined) return known
    turnOff(null)
    const plan = new SchedulePlan(await loadSubject({ module, defect: null }), { seed, strategies })
    await fromMacrotask(() => plan.prepare())
    this.#plans.set(key, plan)
    return plan
  }

  async #threaded({ module, seed, schedules, mutant }: ScheduledLook, alive: () => void): Promise<Looked> {
    const subject = await this.#threadsOf(module)
    takeReached()
    turnOff(mutant)
    const { verdict, failed } = await exploreThreadSubject(subject, {
      seed,
      schedules: schedules.length,
      strategy: null,
      progress: alive,
    })
    const reached = [{ schedule: 0, mutants: takeReached() }]
    if (failed !== null) return { wrong: checksOf(failed.trial.findings), unjudged: [], reached }
    return { wrong: null, unjudged: verdict === 'valid' ? [] : [0], reached }
  }

  async #threadsOf(module: string): Promise<ThreadSubject> {
    turnOff(null)
    const { default: scenario } = (await import(module)) as { default: AnyThreadScenario }
    const subject = this.#threads.get(module) ?? (await loadThreadSubject(scenario, null))
    this.#threads.set(module, subject)
    return subject
  }
}

function checksOf(findings: readonly Finding[]): string {
  return [...new Set(findings.map(({ check }) => check))].join(', ')
}

const looking = new Looking()
performTasks((task: ScheduledLook, alive) => looking.look(task, alive))
