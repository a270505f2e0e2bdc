import type { SubscriptionRecord } from 'raceproof'
import type { Connection } from './client/channel.ts'
import { PlanClient } from './client/plan-client.ts'
import { Refusal } from './client/refusal.ts'
import type { Listen, Listening } from './target-way.ts'

/** Listens as an application does that uses the client library: it reconnects and falls back by itself. */
export function listenByLibrary({ context, url, planId, stream, after, headers, recording }: Listen) {
  const client = new PlanClient({
    url,
    agent: context.agent,
    connect: () => context.connect(),
    random: () => context.random.real(),
    parts: context.parts,
  })
  // What the application sees: one subscription, however often the library connects.
  const whole = context.subscribe({ stream, after, via: 'library' })
  return new Promise<Listening>((resolve, reject) => {
    let current: Connection | undefined
    const watch = client.watch(planId, {
      after,
      stream,
      headers,
      onAttempt: (attempt) => recording.begin(`library/${attempt.via}`, attempt.after),
      onConnection: (connection) => {
        current = connection
        resolve(listening)
      },
      onEvent: (event) => {
        recording.event(event)
        whole.event(event.id, event.type, event.data)
      },
      onGap: (from, to) => {
        recording.gap(from, to)
        whole.gap(from, to)
      },
      onClosing: (closing) => recording.closed(closing),
      onFailure: (failure) => recording.failed(failure),
    })
    const listening: Listening = {
      get admission() {
        return current!.admission
      },
      get socket() {
        return current!.socket
      },
      pause: () => current!.pause(),
      resume: () => current!.resume(),
      close: watch.close,
    }
    context.signal.addEventListener('abort', watch.close, { once: true })
    watch.done.then(
      () => {
        whole.end('complete')
        recording.finish({ complete: true, how: 'nothing left to hear' })
      },
      (error: Error) => {
        giveUp(whole, error)
        recording.finish({ complete: false, how: error.message })
        reject(error)
      },
    )
  })
}

/** A library that gives up without being told to, or refused, leaves its application waiting: nothing ended for that. */
function giveUp(whole: SubscriptionRecord, error: Error): void {
  if (error instanceof Refusal) whole.end('refused', error.message)
  else if (error.name === 'AbortError') whole.end('dropped', 'closed by the application')
}
