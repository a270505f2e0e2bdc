import { messageOf } from '../errors.ts'
import { type PlannedFault, planFaults } from '../fault/nemesis.ts'
import type { Phase } from '../history/event.ts'
import { CallAbandoned, type Recorder } from '../history/recorder.ts'
import { delay, settlesWithin } from '../live/waiting.ts'
import type { Random } from '../random.ts'
import type { AnyScenario } from '../scenario.ts'
import { Patience } from './patience.ts'
import type { Roster } from './roster.ts'
import { runScript, type ScriptEnd } from './script.ts'
import type { Tally } from './tally.ts'
import type { RoundClients, World } from './world.ts'

/** How long nothing may happen for subscribers that still listen to be left waiting for ever. */
const quietMs = 500

/** What is slow and goes on is given up only after so long. */
const longestSettleMs = 60_000

export interface RoundOptions {
  scenario: AnyScenario
  world: World
  recorder: Recorder
  tally: Tally
  random: Random
  round: number
  clients: number
  /** What of the drawn faults and operations takes part. */
  roster: Roster
  /** How long the storm may last if the script does not end before. */
  stormMs: number
  /** How long nothing may happen before what is open, when the faults have healed, is given up. */
  settleMs: number
  /** How long the target may take to be at rest. */
  restMs: number
  /** Ends the run at once. */
  cut: AbortSignal
  /** Ends the storm: what was seen is certainly wrong, and more of it would not make it clearer. */
  enough: AbortSignal
  enter(phase: Phase): void
}

/**
 * How a round went; null when it was cut. `abandoned`: the script still waited for something and was given up; `restless`:
 * things still happened to clients when the longest settle phase was over, and the round has no moment of rest.
 */
export type RoundEnd = ScriptEnd | { how: 'abandoned' | 'restless' } | null

const throwingProvesNothing =
  'What a script throws is no finding: let a check say what must hold, and use crowd.attempt() where a refusal is right.'

/** Why a round that came to such an end proves nothing, and what to do: sentences that follow `where`, as in `In round 1`. */
export function whyNothingProved(where: string, end: Exclude<RoundEnd, null | { how: 'done' | 'mistaken' }>): string[] {
  switch (end.how) {
    case 'failed':
      return [`${where} the script ended early: ${messageOf(end.thrown)}`, throwingProvesNothing]
    case 'abandoned':
      return [`${where} the script still waited for something when the settle phase ended, and was given up.`]
    case 'restless':
      return [
        `${where} clients still saw things happen when the settle phase was over; what had not come by then proves nothing.`,
      ]
  }
}

/** Plays one round: storm, heal, settle, audit. Faults are healed and connections closed whatever happens. */
export async function playRound(options: RoundOptions): Promise<RoundEnd> {
  const { world, recorder, round, restMs, cut, enter } = options
  const clients = world.openRound(round, options.clients)
  try {
    enter('storm')
    const script = await storm(options, clients)
    await whileUncut(world.restarted(), cut)
    if (cut.aborted) return null
    enter('settle')
    const end = await settle(script, options)
    // A slow script may have killed the target when the storm was over.
    await whileUncut(world.restarted(), cut)
    if (cut.aborted) return null
    // A script that goes on may have nothing open just now.
    if (!(end === null ? isStill(options) : isQuiet(options)))
      return end?.how === 'mistaken' ? end : { how: 'restless' }
    enter('audit')
    // What is still open is open after this moment, so the moments must differ for the record's clock.
    await delay(1)
    clients.end(new CallAbandoned())
    const audit = await world.audit(round, restMs, cut)
    if (!cut.aborted) recorder.write(audit)
    return end ?? { how: 'abandoned' }
  } finally {
    clients.end(new Error('the run ended'))
  }
}

/** Runs the script under the planned faults, and heals them. Resolves with what the script will end with. */
async function storm(options: RoundOptions, clients: RoundClients): Promise<{ ended: Promise<ScriptEnd> }> {
  const { world, random, stormMs, cut, enough, enter } = options
  try {
    world.faults.start(planOf(options, clients))
    const ended = runScript({ ...options, clients, random: random.fork('script') })
    await settlesWithin(whileUncut(whileUncut(ended, cut), enough), stormMs)
    return { ended }
  } finally {
    enter('heal')
    world.faults.healAll()
  }
}

/** The faults of the storm that take part. */
function planOf({ scenario, random, roster }: RoundOptions, { contexts }: RoundClients): PlannedFault[] {
  const ids = contexts.map(({ id }) => id)
  const drawn = planFaults(scenario.faults ?? [], ids, random.fork('nemesis'))
  return drawn.filter(({ name }) => roster.fault(name))
}

/**
 * Lets what is open come to its end. Resolves with the script's end; null when it still waits for something. On a busy
 * machine all takes its time, so that it is given up only when nothing happens any more.
 */
async function settle({ ended }: { ended: Promise<ScriptEnd> }, options: RoundOptions): Promise<ScriptEnd | null> {
  const { world, recorder, tally, settleMs, cut, enough } = options
  const patience = new Patience({
    quietMs: settleMs,
    nowMs: () => recorder.timeMs(),
    lastActivityMs: () => tally.lastActivityMs,
    starvedMs: () => world.starvedMs(),
  })
  // What goes on need not come to its end where it is certain that something is wrong.
  const leftMs = () => patience.leftMs(enough.aborted ? settleMs : Math.max(settleMs, longestSettleMs))
  while (!(await settlesWithin(whileUncut(ended, cut), leftMs()))) if (leftMs() <= 0) return null
  while (!(tally.openCalls === 0 && isQuiet(options)) && leftMs() > 0 && !cut.aborted) await delay(10)
  return cut.aborted ? null : ended
}

/** Nobody waits for anything, or nothing has happened to those that wait. */
function isQuiet(options: RoundOptions): boolean {
  return options.tally.isIdle || isStill(options)
}

function isStill({ recorder, tally }: RoundOptions): boolean {
  return recorder.timeMs() - tally.lastActivityMs > quietMs
}

/** Resolves when the promise does or the run is cut; rejects when the promise does. */
function whileUncut(promise: Promise<unknown>, cut: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const giveUp = () => resolve(undefined)
    if (cut.aborted) giveUp()
    cut.addEventListener('abort', giveUp, { once: true })
    promise.then(resolve, reject).finally(() => cut.removeEventListener('abort', giveUp))
  })
}
