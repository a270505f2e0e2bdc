import type { Channel } from 'node:diagnostics_channel'
import type { ProbeEvent } from '../../history/event.ts'
import { type ProbeTopic, probeChannels, type Relayed } from '../../probe.ts'
import type { Simulation } from '../../sim/core/simulation.ts'

type Listener = (message: unknown) => void

// With its first and its last listener a channel becomes an object of another class, and what V8 has compiled for it is of no
// use any more. One listener that stays keeps that from happening in every schedule.
for (const channel of Object.values(probeChannels)) channel.subscribe(() => {})

/** What was published, without what was added on its way out of a thread. To copy all of an object is much faster than most. */
function published(message: Record<string, unknown> & Relayed): Record<string, unknown> {
  if (message.thread === undefined && message.stampMs === undefined) return { ...message }
  const { thread: _, stampMs: __, ...value } = message
  return value
}

/**
 * Listens, for the time of one schedule, to what the code under test publishes through `raceproof/probe`. All processes
 * of a simulation publish in one thread, so the process whose code runs is the one that publishes.
 */
export class ProbeTap {
  readonly #listeners: (readonly [Channel, Listener])[]

  constructor(simulation: Simulation, record: (event: Omit<ProbeEvent, 'timeMs'>) => void) {
    this.#listeners = (Object.keys(probeChannels) as ProbeTopic[]).map((topic) => {
      const listener = (message: unknown) => {
        // What a finished schedule left behind may still run, and is no part of the next one.
        if (simulation.isOver) return
        const { thread } = message as Relayed
        const { name } = simulation.node
        const process = thread === undefined ? name : `${name}/${thread}`
        record({ type: 'probe', process, topic, value: published(message as Record<string, unknown> & Relayed) })
      }
      return [probeChannels[topic], listener] as const
    })
    for (const [channel, listener] of this.#listeners) channel.subscribe(listener)
  }

  close(): void {
    for (const [channel, listener] of this.#listeners) channel.unsubscribe(listener)
  }
}
