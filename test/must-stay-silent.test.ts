import '../harness/register.ts'
import { check, defect, type HistoryEvent, scenario } from 'raceproof'
import { describe, expect, it } from 'vitest'
import type { Defect } from '../harness/defect.ts'
import { fromMacrotask } from '../harness/explore/explore-subject.ts'
import { SchedulePlan } from '../harness/explore/schedule-plan.ts'
import { scenarioSubject } from '../harness/run/sim/scenario-subject.ts'
import type { AnyScenario } from '../harness/scenario.ts'
import { strategiesNamed } from '../harness/sim/strategy/strategies.ts'
import { exploreThreads, type ThreadFailure } from '../harness/threads/explore-threads.ts'
import type { ThreadActions } from '../harness/threads/replay-fibers.ts'
import { mcp } from '../reference-impl/mcp/target.ts'
import { pipeline } from '../reference-impl/pipeline/target.ts'
import { everyLine } from '../reference-impl/pipeline/target-expected-lines.ts'
import { planLife } from '../reference-impl/pipeline/target-plan-life.ts'
import { JobRegistry } from '../reference-impl/state/job-registry.ts'
import { ServiceRegistry } from '../reference-impl/state/service-registry.ts'
import { turn } from '../reference-impl/state/turn.ts'
import analysesRestarted from '../scenarios/analyses-restarted.ts'
import metadataEditedLive from '../scenarios/metadata-edited-live.ts'
import servicesAtOnce from '../scenarios/services-at-once.ts'
import sharedSessionState from '../scenarios/shared-session-state.ts'

const schedules = 20

/**
 * Explores a scenario, with a part in another variant that is as right as the usual one. Expects silence in every order,
 * and returns what happened in all of them.
 */
async function silentIn(tested: AnyScenario, variant: Defect | null = null): Promise<HistoryEvent[]> {
  const subject = scenarioSubject(tested, { defect: variant })
  const plan = new SchedulePlan(subject, { seed: 20_260_101, strategies: strategiesNamed('portfolio')! })
  const happened: HistoryEvent[] = []
  for (let index = 0; index < schedules; index++) {
    const { judged, seed } = await fromMacrotask(() => plan.run(index))
    expect({ seed, findings: judged.findings, verdict: judged.verdict }).toEqual({
      seed,
      findings: [],
      verdict: 'valid',
    })
    happened.push(...judged.history)
  }
  return happened
}

/** How often something was published about a cache or a lock of this name. */
function published(happened: readonly HistoryEvent[], name: string, event: string): number {
  return happened.filter((each) => {
    if (each.type !== 'probe') return false
    const { cache, lock, event: told } = each.value as { cache?: string; lock?: string; event?: string }
    return (cache === name || lock === name) && told === event
  }).length
}

/** A variant that is right, where a defect would be wrong. */
const right = { source: 'what must stay silent', wrong: 'nothing', caughtBy: [], worlds: [], scenarios: [] } as const

describe('nothing is raised by', () => {
  it('several writers into one stream', async () => {
    const happened = await silentIn(
      scenario('two-writers-one-stream', {
        target: pipeline,
        source: 'thread-safety-analysis, 5 (several writers into one queue are right)',
        promise: 'What stdout and stderr say reaches every subscriber once, in one order.',
        async script({ client, crowd, unique }) {
          const plan = await client.createPlan({ id: unique('plan'), lines: 8, stderrLines: 8 })
          const watchers = await crowd.all((each) => each.watch(plan))
          await crowd.all((_, index) => watchers[index]!.untilComplete())
          await client.deletePlan(plan)
        },
        checks: [
          check.delivery({ complete: everyLine(), lifetime: planLife }),
          check.mutualExclusion(),
          check.lockOrder(),
          check.leftovers(),
          check.serverErrors(),
          check.progress(),
        ],
        scale: { sim: { clients: 3 } },
      }),
    )
    const sources = happened.flatMap((event) =>
      event.type === 'observe' && event.f === 'event' && event.kind === 'log'
        ? [(event.data as { source: string }).source]
        : [],
    )
    expect(new Set(sources)).toEqual(new Set(['stdout', 'stderr']))
  })

  it('a hit outside the lock, and callers who find the item at the look that is repeated under it', async () => {
    const happened = await silentIn(
      scenario('one-session-for-all', {
        target: mcp,
        source: 'mcp-thread-safety-insights: P-1, pattern 1 (double-checked locking)',
        promise:
          'One session is created, whoever comes at the same time gets it, and whoever comes later takes no lock.',
        async script({ crowd, step, unique }) {
          const sessionId = unique('session')
          await step('stampede', () => crowd.all((each) => each.startWorkflow(sessionId)))
          await step('steady', () => crowd.all((each) => each.getSession(sessionId)))
          await crowd.all((each) => each.close())
        },
        checks: [
          check.doubleLoads(),
          check.oneInstance({ key: 'sessionId', instance: 'instance', cache: 'sessions' }),
          check.contention({ stampede: 'stampede' }),
          check.mutualExclusion(),
          check.leftovers(),
          check.serverErrors(),
          check.progress(),
        ],
        scale: { sim: { clients: 4 } },
      }),
    )
    expect(published(happened, 'sessions', 'load')).toBe(schedules)
    expect(published(happened, 'sessions', 'hit')).toBeGreaterThan(schedules)
    expect(published(happened, 'sessions', 'avoided')).toBeGreaterThan(0)
  })

  it('two acquisitions with a state between them that is looked at again', async () => {
    let overtaken = 0
    const lookedAtAgain = defect(
      'stop-in-two-sections',
      JobRegistry,
      right,
      (Correct) =>
        class extends Correct {
          override async stop(id: string) {
            const { table } = this.options
            const { attempt } = await this.get(id)
            await turn()
            const job = await table.run(() => (table.get(id)?.attempt === attempt ? table.requestStop(id) : null))
            if (job === null) overtaken++
            else this.abort(job)
            return this.get(id)
          }
        },
    )
    await silentIn(analysesRestarted, lookedAtAgain)
    expect(overtaken).toBeGreaterThan(0)
  })

  it('metadata that is read anew on every load', async () => {
    const happened = await silentIn(metadataEditedLive)
    const reads = happened.filter((event) => event.type === 'invoke' && event.f === 'metadata').length
    expect(reads).toBeGreaterThan(schedules)
    expect(published(happened, 'metadata', 'load')).toBe(0)
  })

  it('session state behind a file lock', async () => {
    const happened = await silentIn(sharedSessionState)
    expect(published(happened, 'state-file', 'acquired')).toBeGreaterThan(schedules)
  })

  it('constants, and what belongs to one request, used without a lock', async () => {
    const work = ({ limits }: { limits: Int32Array }, { read }: ThreadActions) => {
      const request = { taken: 0 }
      while (request.taken < read(limits, 0)) request.taken++
      return request.taken
    }
    const setup = () => ({ limits: new Int32Array(new SharedArrayBuffer(4)).fill(3) })
    const { exhausted, outcomes } = await exploreThreads(
      { setup, threads: [work, work, work] },
      { strategy: 'exhaustive' },
    )
    expect({ exhausted, outcomes }).toEqual({ exhausted: true, outcomes: [[3, 3, 3]] })

    const change = ({ limits }: { limits: Int32Array }, { write }: ThreadActions) => write(limits, 0, 4)
    const found = exploreThreads({ setup, threads: [work, change] }, { strategy: 'exhaustive' })
    await expect(found.catch(({ kind }: ThreadFailure) => kind)).resolves.toBe('data-race')
  })

  it('a reader that changes its own copy', async () => {
    const changedByReader = defect(
      'reader-changes-its-copy',
      ServiceRegistry,
      right,
      (Correct) =>
        class extends Correct {
          override async list() {
            const { services } = this.options
            const seen = await services.run(() => services.getAllStatus())
            const own = { ...seen }
            for (const name of Object.keys(own)) own[name] = 'changed by its reader'
            await turn()
            return seen
          }
        },
    )
    const happened = await silentIn(servicesAtOnce, changedByReader)
    expect(happened.filter((event) => event.type === 'ok' && event.f === 'services').length).toBeGreaterThan(schedules)
  })
})
