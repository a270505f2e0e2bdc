import type { Call } from '../history/calls.ts'
import { CallTimes } from './call-times.ts'
import { type Check, judged, unseen } from './check.ts'
import { DefaultMap } from './default-map.ts'
import { Findings } from './findings.ts'
import { type PlacedCall, placedCalls } from './placed-calls.ts'
import { at } from './wording.ts'

/** Things by their names, or by what tells them: `(plan) => plan.startsWith('p-')`. */
export type Things = readonly string[] | ((thing: string) => boolean)

/** What a call has to do with things that are kept: plans, entries, single elements of a list. */
export interface Account {
  /** It makes these, or brings them back. */
  keeps?: readonly string[]
  /** It takes these away. */
  removes?: Things
  /** Its answer shows that these are there. */
  shows?: readonly string[]
  /** Its answer would have shown these if they had been there: those that it does not show are not there. */
  covers?: Things
}

export interface SurvivalOptions {
  /**
   * What a call says, null where that is nothing. Asked for every call: of one that `fail`ed only `shows` and `covers`
   * count (a refusal such as 404 is an answer), of one without an answer only `keeps` and `removes`.
   */
  account: (call: Call) => Account | null
}

/** What was done to one thing: what certainly had its effect, and what may have had it. */
interface Life {
  kept: CallTimes
  removed: CallTimes
  mayHaveKept: CallTimes
  mayHaveRemoved: CallTimes
}

interface Told {
  call: PlacedCall
  account: Account
}

/**
 * An acknowledged effect is still there: what was made is found by every later look, until somebody may have removed
 * it; what was removed stays away, until somebody may have made it again.
 *
 * Only looks that began after the acknowledgement prove anything. A call of unknown outcome may have had its effect at
 * any time since it began, or never: it excuses a look, and makes no claim itself. A target that was killed and started
 * again has no excuse: what it acknowledged must have survived that.
 */
export function survival({ account }: SurvivalOptions): Check {
  return {
    name: 'survival',
    judge(history) {
      const told = placedCalls(history).flatMap((call) => {
        const said = account(call)
        return said === null ? [] : [{ call, account: said }]
      })
      const findings = new Findings('survival')
      const looks = new Looks(livesOf(told), findings)
      for (const one of told) looks.judge(one)
      if (findings.count === 0 && looks.proving === 0) return unseen('no acknowledged effect was looked for afterwards')
      return judged(findings.told())
    },
  }
}

function livesOf(told: readonly Told[]): ReadonlyMap<string, Life> {
  const lives = new DefaultMap<string, Life>(() => ({
    kept: new CallTimes(),
    removed: new CallTimes(),
    mayHaveKept: new CallTimes(),
    mayHaveRemoved: new CallTimes(),
  }))
  const effective = told.filter(({ call }) => call.outcome.type !== 'fail')
  for (const { account } of effective) for (const thing of named(account)) lives.of(thing)
  for (const { call, account } of effective) {
    const certain = call.outcome.type === 'ok'
    for (const thing of account.keeps ?? []) {
      lives.of(thing).mayHaveKept.add(call)
      if (certain) lives.of(thing).kept.add(call)
    }
    for (const thing of among(lives, account.removes)) {
      lives.of(thing).mayHaveRemoved.add(call)
      if (certain) lives.of(thing).removed.add(call)
    }
  }
  return lives
}

/** The things that a call names as made or removed. */
function named({ keeps = [], removes = [] }: Account): readonly string[] {
  return typeof removes === 'function' ? keeps : [...keeps, ...removes]
}

function among(lives: ReadonlyMap<string, Life>, things: Things = []): Iterable<string> {
  return typeof things === 'function' ? [...lives.keys()].filter(things) : things
}

/** Judges what answers showed and did not show. */
class Looks {
  readonly #lives: ReadonlyMap<string, Life>
  readonly #findings: Findings
  /** What was found missing, or back again: the first look that tells is enough. */
  readonly #told = new Set<string>()
  /** How many looks would have shown that an acknowledged effect was gone. */
  proving = 0

  constructor(lives: ReadonlyMap<string, Life>, findings: Findings) {
    this.#lives = lives
    this.#findings = findings
  }

  judge({ call, account }: Told): void {
    if (!call.outcome.known) return
    const shown = new Set(account.shows)
    for (const thing of shown) this.#judgeShown(thing, call)
    for (const thing of among(this.#lives, account.covers)) if (!shown.has(thing)) this.#judgeMissing(thing, call)
  }

  #judgeMissing(thing: string, look: PlacedCall): void {
    const life = this.#lives.get(thing)
    const made = life?.kept.begunLastOfSettledBefore(look.begin)
    if (life === undefined || made === undefined) return
    this.proving++
    if (mayHaveFollowed(life.mayHaveRemoved, made, look)) return
    this.#tell('lost', thing, made, look, {
      message: `${thing} was gone: ${doneBy(made)}, nobody removed it, and ${lookedBy(look)} did not find it`,
      likelyCause:
        'Two writers read, change and write back the same whole, and one write replaces the other; or the change was ' +
        'acknowledged before it was safe, or rolled back with another one.',
    })
  }

  #judgeShown(thing: string, look: PlacedCall): void {
    const life = this.#lives.get(thing)
    if (life?.kept.begunLastOfSettledBefore(look.begin) !== undefined) this.proving++
    const removed = life?.removed.begunLastOfSettledBefore(look.begin)
    if (life === undefined || removed === undefined) return
    this.proving++
    if (mayHaveFollowed(life.mayHaveKept, removed, look)) return
    this.#tell('back', thing, removed, look, {
      message: `${thing} was back: its removal, ${doneBy(removed)}, nobody made it again, and ${lookedBy(look)} found it`,
      likelyCause: 'Somebody who read the state before the removal wrote it back afterwards.',
    })
  }

  #tell(
    kind: string,
    thing: string,
    effect: PlacedCall,
    look: PlacedCall,
    told: { message: string; likelyCause: string },
  ): void {
    if (this.#told.has(`${kind} ${thing}`)) return
    this.#told.add(`${kind} ${thing}`)
    const clients = [effect.client, look.client]
    this.#findings.add(kind, thing, () => ({ ...told, clients, evidence: [...effect.events, ...look.events] }))
  }
}

/** Whether one of the calls may have had its effect after another's, and before a look was over. */
function mayHaveFollowed(calls: CallTimes, effect: PlacedCall, look: PlacedCall): boolean {
  const last = calls.settledLastOfBegunBefore(look.end)
  return last !== undefined && last.settled > effect.begin
}

function doneBy({ client, f, outcome }: PlacedCall): string {
  return `${client}'s ${f} was acknowledged at ${at(outcome.timeMs)}`
}

function lookedBy({ client, f, invokedMs }: PlacedCall): string {
  return `${client}'s ${f}, begun at ${at(invokedMs)},`
}
