import { inspect } from 'node:util'
import type { Check } from './check/check.ts'
import type { Parts } from './defect.ts'
import { HarnessError } from './errors.ts'
import type { Fault } from './fault/fault.ts'
import type { Nemesis } from './fault/nemesis.ts'
import { strayField } from './nearest.ts'
import type { Random } from './random.ts'
import type { Target } from './target.ts'
import { type WorldName, worlds } from './worlds.ts'

/** The only thing that differs between worlds. */
export interface LiveScale {
  clients: number
  /**
   * How long the storm may last over all rounds. At least three rounds are run, each the whole script, and a few more than
   * asked for where only they can tell, as with a count that has grown in every round.
   */
  seconds: number
  /** At most this many rounds; as many as fit into `seconds` when it is left out. */
  rounds?: number
  /**
   * False: a run that names neither scenario nor world nor defect leaves it to the simulated world, which takes less time.
   * True by default.
   */
  gate?: boolean
}

export interface SimScale {
  clients: number
  /** How many orders are tried unless the command line says otherwise; 100 when it is left out. */
  schedules?: number
}

export interface Scale {
  live?: LiveScale
  sim?: SimScale
}

/** The clients of a scenario, as a group. */
export interface Crowd<Client> {
  readonly size: number
  /** The client at this place. Throws a RangeError when there is none. */
  at(index: number): Client
  /** Does one thing with every client at once, and waits for all; throws the first error after all have ended. */
  all<T>(action: (client: Client, index: number) => Promise<T>): Promise<T[]>
  /** Like `all`, but a call that failed or stayed unknown leaves `undefined`: a race in which refusals are right. */
  attempt<T>(action: (client: Client, index: number) => Promise<T>): Promise<(T | undefined)[]>
  /** The clients after the first `count`. `all` and `attempt` pass each client's index in the whole crowd. */
  rest(count: number): Crowd<Client>
  /** The first `count` clients. */
  first(count: number): Crowd<Client>
  /** Those clients that talk to this process of the target, from 0; all of them where there is one. */
  on(process: number): Crowd<Client>
}

/** What a script works with. */
export interface ScriptContext<Client> {
  /** The first client of the crowd. */
  readonly client: Client
  readonly crowd: Crowd<Client>
  /** The script's share of the run's randomness; the same for equal seeds and rounds. */
  readonly random: Random
  /** 1, 2, … */
  readonly round: number
  /** A name that is new in every round, for ids: `unique('plan')` gives `plan-r2-17`. */
  unique(prefix: string): string
  /** Names a part of the script, so that checks can look at it alone. */
  step<T>(name: string, run: () => Promise<T>): Promise<T>
  /** Waits, on the world's clock. */
  sleep(delayMs: number): Promise<void>
  /**
   * Hits the target's process with a fault, until it is healed or the storm is over. Of several processes, the first unless
   * told otherwise. Returns what heals it.
   */
  hit(fault: Fault, options?: { process?: number }): () => void
  /** Names an operation that was drawn; false when it is to be left out, because a smaller failure is looked for. */
  takesPart(operation: string): boolean
}

/** A scenario as its author writes it: a promise to users of the server, and how it is put to the test. */
export interface ScenarioDefinition<Client, P extends Parts, Config extends object> {
  target: Target<Client, P, Config>
  /** The document and section that describes the bug. */
  source: string
  /** The promise, in one sentence. */
  promise: string
  /** The target's configuration, where the default does not fit. */
  config?: Partial<Config>
  /**
   * How many processes of the target run side by side over one data folder, as those of a cluster do; one when left out.
   * They are numbered from 0 and started one after the other. The clients are dealt out to them by turns: client `i`
   * talks to process `i % processes`.
   */
  processes?: number
  script(context: ScriptContext<Client>): Promise<void>
  /** Faults during the storm. */
  faults?: readonly Nemesis[]
  checks: readonly Check[]
  scale: Scale
}

/** A scenario with its name. */
export interface Scenario<Client = unknown, P extends Parts = Parts, Config extends object = object>
  extends ScenarioDefinition<Client, P, Config> {
  readonly kind: 'scenario'
  readonly name: string
}

/** A scenario of any target, where the types of its client and parts do not matter. */
// biome-ignore lint/suspicious/noExplicitAny: a scenario is contravariant in its client, so no narrower type holds them all
export type AnyScenario = Scenario<any, any, any>

/**
 * Declares a scenario. Throws `ERR_SCENARIO_INVALID` at once when a field is missing or makes no sense, so that a
 * malformed file is told by name and field rather than failing in the middle of a run.
 */
export function scenario<Client, P extends Parts, Config extends object>(
  name: string,
  definition: ScenarioDefinition<Client, P, Config>,
): Scenario<Client, P, Config> {
  for (const problem of problems(name, definition)) {
    throw new HarnessError('ERR_SCENARIO_INVALID', `scenario '${String(name)}': ${problem}`)
  }
  return { ...definition, kind: 'scenario', name }
}

/** Whether it is a name as the command line and folders take it. */
export function isScenarioName(name: unknown): name is string {
  return typeof name === 'string' && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)
}

/** What a scenario may say, `kind` and `name` included, since one may be made from another. */
const fields: Record<keyof Scenario, true> = {
  kind: true,
  name: true,
  target: true,
  source: true,
  promise: true,
  config: true,
  processes: true,
  script: true,
  faults: true,
  checks: true,
  scale: true,
}

/** What its scale may say of each world. */
const figures: { readonly [World in keyof Scale]-?: Record<keyof NonNullable<Scale[World]>, true> } = {
  live: { clients: true, seconds: true, rounds: true, gate: true },
  sim: { clients: true, schedules: true },
}

// The input is user code that may come from plain JavaScript, so the types prove nothing here.
function* problems(name: unknown, definition: Partial<ScenarioDefinition<unknown, Parts, object>>): Generator<string> {
  if (!isScenarioName(name)) yield 'the name must be kebab-case, such as slow-reader-cleanup'
  if (typeof definition !== 'object' || definition === null)
    return yield `expected a definition object, got ${typeof definition}`
  if (typeof definition.target?.client !== 'function') yield 'target must be a target made by defineTarget()'
  const stray = strayField(definition, fields)
  if (stray !== undefined) yield stray
  for (const field of ['source', 'promise'] as const) {
    if (typeof definition[field] !== 'string') yield `${field} must be a sentence, got ${inspect(definition[field])}`
  }
  if (typeof definition.script !== 'function') yield `script must be an async function, got ${typeof definition.script}`
  if (!Array.isArray(definition.checks) || definition.checks.length === 0) {
    yield 'checks must be a list of at least one check; without one, no run could be judged'
  } else if (!definition.checks.every((check) => typeof check?.judge === 'function')) {
    yield 'every entry of checks must be a check, such as check.delivery()'
  }
  yield* processProblems(definition)
  yield* scaleProblems(definition.scale)
}

function* processProblems({
  processes = 1,
  faults = [],
}: Partial<ScenarioDefinition<unknown, Parts, object>>): Generator<string> {
  if (!(Number.isInteger(processes) && processes >= 1)) {
    return yield `processes must be a whole number of at least 1, got ${JSON.stringify(processes)}`
  }
  for (const { fault, process } of faults) {
    if (process >= processes) yield `'${fault.name}' is to hit process ${process}; there are ${processes}, from 0`
  }
}

function* scaleProblems(scale: Scale | undefined): Generator<string> {
  if (typeof scale !== 'object' || scale === null || Object.keys(scale).length === 0) {
    return yield 'scale must name at least one world, such as { live: { clients: 120, seconds: 10 } }'
  }
  for (const [world, given] of Object.entries(scale)) {
    if (!worlds.includes(world as WorldName))
      yield `scale names the world '${world}'; the worlds are ${worlds.join(', ')}`
    else if (!Number.isInteger(given?.clients) || given.clients < 1) {
      yield `scale.${world}.clients must be a whole number of at least 1, got ${JSON.stringify(given?.clients)}`
    }
  }
  for (const world of ['live', 'sim'] as const) {
    const stray = strayField(scale[world] ?? {}, figures[world])
    if (stray !== undefined) yield `scale.${world}: ${stray}`
  }
  const schedules = scale.sim?.schedules
  if (schedules !== undefined && !(Number.isInteger(schedules) && schedules >= 1)) {
    yield `scale.sim.schedules must be a whole number of at least 1, got ${JSON.stringify(schedules)}`
  }
  const seconds = scale.live?.seconds
  if (scale.live && !(typeof seconds === 'number' && seconds > 0)) {
    yield `scale.live.seconds must be a number above 0, got ${JSON.stringify(seconds)}`
  }
}
