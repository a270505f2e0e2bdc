import type { Channel } from 'node:diagnostics_channel'
import { type ProbeTopic, probeChannels } from '../../probe.ts'

/** Listens to what the code under test publishes through `raceproof/probe`. Returns what ends it. */
export function tapProbes(published: (topic: ProbeTopic, message: object) => void): () => void {
  const taps = (Object.keys(probeChannels) as ProbeTopic[]).map((topic) => {
    const channel: Channel = probeChannels[topic]
    const listener = (message: unknown) => published(topic, message as object)
    channel.subscribe(listener)
    return () => channel.unsubscribe(listener)
  })
  return () => {
    for (const end of taps) end()
  }
}
