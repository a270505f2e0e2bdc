import type { Defect } from '../../defect.ts'
import type { HistoryEvent, Phase } from '../../history/event.ts'
import { Recorder } from '../../history/recorder.ts'
import { Random } from '../../random.ts'
import type { AnyScenario } from '../../scenario.ts'
import type { Simulation } from '../../sim/core/simulation.ts'
import type { Roster } from '../roster.ts'
import { playRound, type RoundEnd } from '../round.ts'
import { Tally } from '../tally.ts'
import { Orders } from './orders.ts'
import { ProbeTap } from './probe-tap.ts'
import { scriptNode } from './processes.ts'
import { RecordClock } from './record-clock.ts'
import { SimWorld } from './sim-world.ts'

export interface ScheduleOptions {
  scenario: AnyScenario
  defect: Defect | null
  seed: number
  clients: number
  roster: Roster
}

/** How long, in virtual time, the storm of a schedule may last, and what is open then may take to end. */
const stormMs = 60_000
const settleMs = 10_000

/** One schedule of a scenario: the target's whole life, with one round in it, and the record of it. */
export class ScenarioSchedule {
  readonly history: HistoryEvent[] = []
  /** In which step of the simulation each event of the history was recorded. */
  readonly recordedAt: number[] = []
  readonly #options: ScheduleOptions
  readonly #tally = new Tally()
  #probes: ProbeTap | null = null
  #world: SimWorld | null = null

  constructor(options: ScheduleOptions) {
    this.#options = options
  }

  /** Plays it. Resolves with how the script ended; rejects when the target cannot be started. */
  async play(simulation: Simulation): Promise<RoundEnd> {
    const recorder = this.#recorderFor(simulation)
    this.#probes = new ProbeTap(simulation, (event) => {
      const timed = { ...event, timeMs: recorder.timeMs() }
      recorder.write(timed)
      this.#world?.targets.note(timed)
    })
    const enter = (phase: Phase, round = 1) =>
      recorder.write({
        type: 'phase',
        timeMs: recorder.timeMs(),
        phase,
        round,
        ...(phase === 'boot' && { virtual: true }),
      })
    enter('boot', 0)
    const random = new Random(this.#options.seed).fork(this.#options.scenario.name)
    const world = await this.#boot(simulation, recorder, random)
    // The target is ready in a step of its own process. What is begun from here on must not end with that one.
    await new Orders(simulation, scriptNode).give('begin', () => {})
    const end = await this.#playRound(world, recorder, random, enter)
    enter('stop')
    await world.stop()
    return end
  }

  /** Lets go of the thread's channels; what comes later is no part of the schedule. */
  close(): void {
    this.#probes?.close()
  }

  #recorderFor(simulation: Simulation): Recorder {
    const clock = new RecordClock(() => simulation.nowMs)
    return new Recorder(
      () => clock.now(),
      (event) => {
        // Clients share the record, in which the order counts in which they write.
        simulation.touch('record')
        this.history.push(event)
        this.recordedAt.push(simulation.step)
        this.#tally.note(event)
      },
    )
  }

  async #boot(simulation: Simulation, recorder: Recorder, random: Random): Promise<SimWorld> {
    const { scenario, defect } = this.#options
    const { target, config = {}, processes = 1 } = scenario
    const world = await SimWorld.boot({ simulation, target, defect, config, processes, recorder, random })
    this.#world = world
    // What the target opened while it started belongs to what it always has.
    for (const event of this.history) if (event.type === 'probe') world.targets.note(event)
    recorder.write(world.takeBaseline())
    return world
  }

  #playRound(world: SimWorld, recorder: Recorder, random: Random, enter: (phase: Phase) => void): Promise<RoundEnd> {
    const { scenario, clients, roster } = this.#options
    return playRound({
      scenario,
      world,
      recorder,
      tally: this.#tally,
      random: random.fork('round-1'),
      round: 1,
      clients,
      roster,
      stormMs,
      settleMs,
      restMs: settleMs,
      cut: new AbortController().signal,
      enough: new AbortController().signal,
      enter,
    })
  }
}
