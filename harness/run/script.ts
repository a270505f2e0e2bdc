import { HarnessError } from '../errors.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Random } from '../random.ts'
import type { AnyScenario, ScriptContext } from '../scenario.ts'
import { ClientCrowd } from './crowd.ts'
import type { Roster } from './roster.ts'
import type { RoundClients, World } from './world.ts'

/** How a round's script ended. */
export type ScriptEnd =
  | { how: 'done' }
  /** A call failed, and the script did not expect it; the record holds what it was. */
  | { how: 'failed'; thrown: unknown }
  /** The script itself is wrong. */
  | { how: 'mistaken'; thrown: unknown }

/** What a script of one round is run with. */
export interface ScriptRound {
  scenario: AnyScenario
  world: Pick<World, 'faults'>
  clients: RoundClients
  recorder: Recorder
  random: Random
  round: number
  roster: Roster
}

/** Runs the scenario's script once. The whole of it is recorded as the step `script`. Never rejects. */
export async function runScript(round: ScriptRound): Promise<ScriptEnd> {
  const isMistake = (thrown: unknown) => isMistaken(thrown, round.clients.recordedErrors)
  try {
    const context = scriptContext(round, isMistake)
    await context.step('script', () => round.scenario.script(context))
    return { how: 'done' }
  } catch (thrown) {
    return { how: isMistake(thrown) ? 'mistaken' : 'failed', thrown }
  }
}

function scriptContext(
  { scenario, world, clients, recorder, random, round, roster }: ScriptRound,
  isMistake: (thrown: unknown) => boolean,
): ScriptContext<unknown> {
  const { signal } = clients
  const { target, processes = 1 } = scenario
  const crowd = ClientCrowd.of<unknown>(
    clients.contexts.map((context) => target.client(context)),
    { isMistake, processes },
  )
  let names = 0
  const record = (name: string, action: 'begin' | 'end') => {
    // What a script does after it was given up is no part of the record.
    if (!signal.aborted) recorder.write({ type: 'step', timeMs: recorder.timeMs(), name, action, round })
  }
  return {
    client: crowd.at(0),
    crowd,
    random,
    round,
    unique: (prefix) => `${prefix}-r${round}-${++names}`,
    async step(name, run) {
      record(name, 'begin')
      try {
        return await run()
      } finally {
        record(name, 'end')
      }
    },
    sleep: (delayMs) => sleep(delayMs, signal),
    hit: (fault, { process = 0 } = {}) => world.faults.hitProcess(fault, process),
    takesPart: (name) => roster.call(name),
  }
}

/** Waits, and gives up when the round is over. */
function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', giveUp)
      resolve()
    }, delayMs)
    signal.addEventListener('abort', giveUp, { once: true })
  })
}

/**
 * Whether the script itself is wrong, rather than what it races: a rule of the harness was broken, or one of the
 * language, outside of a call. `fetch` tells every failure of the network as a TypeError with the real one as its cause.
 */
function isMistaken(thrown: unknown, recordedErrors: WeakSet<object>): boolean {
  if (thrown instanceof HarnessError) return true
  const ofLanguage = thrown instanceof TypeError || thrown instanceof ReferenceError || thrown instanceof RangeError
  return ofLanguage && thrown.cause === undefined && !recordedErrors.has(thrown)
}

/** How a mistake of a script is told. */
export function mistakeOf(scenario: AnyScenario, thrown: unknown): HarnessError {
  if (thrown instanceof HarnessError) return thrown
  const where = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  return new HarnessError('ERR_SCENARIO_INVALID', `the script of scenario '${scenario.name}' threw: ${where}`, {
    cause: thrown,
  })
}
