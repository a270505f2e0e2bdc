import type { Connection } from './client/channel.ts'
import { PlanClient } from './client/plan-client.ts'
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
      onEvent: (event) => recording.event(event),
      onGap: (from, to) => recording.gap(from, to),
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
      () => recording.finish({ complete: true, how: 'nothing left to hear' }),
      (error: Error) => {
        recording.finish({ complete: false, how: error.message })
        reject(error)
      },
    )
  })
}
