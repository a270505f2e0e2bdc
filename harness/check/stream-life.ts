import type { Call } from '../history/calls.ts'
import { calls } from '../history/calls.ts'
import type { History } from '../history/event.ts'
import type { Stream, Subscription } from './subscriptions.ts'

/** What a call means for the life of a stream. */
export interface LifeOfStream {
  stream: string
  event: 'begins' | 'ends'
}

/** A time during which something certainly was so. */
export interface Window {
  fromMs: number
  untilMs: number
}

/**
 * When a stream certainly existed, as its subscribers prove it. A delivery proves that it existed by then; a later
 * subscription that was let in proves that it existed after that subscription began. A stream name stands for one
 * incarnation, whose life has no holes, so it existed all the time between.
 */
export function provenLife({ subscriptions }: Stream): Window {
  const life = { fromMs: Number.POSITIVE_INFINITY, untilMs: Number.NEGATIVE_INFINITY }
  for (const subscription of subscriptions) {
    const seenMs = firstSeenMs(subscription)
    if (seenMs === undefined) continue
    life.fromMs = Math.min(life.fromMs, seenMs)
    life.untilMs = Math.max(life.untilMs, subscription.begin.timeMs)
  }
  return life
}

function firstSeenMs({ events, gaps }: Subscription): number | undefined {
  const first = [events[0]?.timeMs, gaps[0]?.timeMs].filter((timeMs) => timeMs !== undefined)
  return first.length === 0 ? undefined : Math.min(...first)
}

/**
 * When streams certainly existed, as the calls that begin and end them say: from the completion of a call that begins
 * one, until the invocation of the first call that may have ended it.
 */
export function declaredLives(
  history: History,
  lifetime: (call: Call) => LifeOfStream | null,
): ReadonlyMap<string, Window> {
  const lives = new Map<string, Window>()
  const endsMs = new Map<string, number>()
  for (const call of calls(history)) {
    const life = call.outcome.type === 'fail' ? null : lifetime(call)
    if (life === null) continue
    if (life.event === 'ends') {
      endsMs.set(life.stream, Math.min(endsMs.get(life.stream) ?? Number.POSITIVE_INFINITY, call.invokedMs))
    } else if (call.outcome.type === 'ok') {
      lives.set(life.stream, { fromMs: call.outcome.timeMs, untilMs: Number.POSITIVE_INFINITY })
    }
  }
  for (const [stream, life] of lives) life.untilMs = endsMs.get(stream) ?? Number.POSITIVE_INFINITY
  return lives
}
