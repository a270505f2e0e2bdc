import type { Channel } from 'node:diagnostics_channel'
import { type ProbeTopic, probeChannels, type Relayed } from '../probe.ts'
import type { PublishedProbe } from './host-message.ts'
import { hrtimeMs } from './run-clock.ts'

/**
 * Listens to the target's probes and keeps them until the harness pulls them. Sending each at once would cost the
 * target more than its own work; a push to a list costs next to nothing.
 */
export class ProbeBuffer {
  #probes: PublishedProbe[] = []

  /** Begins to listen. Nothing is published before, because nobody listens. */
  listen(): void {
    for (const topic of Object.keys(probeChannels) as ProbeTopic[]) {
      const channel: Channel = probeChannels[topic]
      channel.subscribe((message) => this.#keep(topic, message as object & Relayed))
    }
  }

  /** Takes what was published since the last time. */
  take(): PublishedProbe[] {
    const taken = this.#probes
    this.#probes = []
    return taken
  }

  #keep(topic: ProbeTopic, { thread, stampMs = hrtimeMs(), ...value }: object & Relayed): void {
    this.#probes.push({ topic, stampMs, value, ...(thread === undefined ? {} : { thread }) })
  }
}
