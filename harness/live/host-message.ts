import type { ProbeTopic } from '../probe.ts'

/** What the harness tells a host process to run: its one argument, as JSON. */
export interface HostTask {
  /** URL of the module that exports the target. */
  module: string
  target: string
  defect: string | null
  config: object
  dataDir: string
  /** The host listens to the target's probes, and keeps them until they are pulled. */
  probes: boolean
}

/** One message of the target through `raceproof/probe`. */
export interface PublishedProbe {
  topic: ProbeTopic
  /** When, in milliseconds of hrtime. */
  stampMs: number
  /** The worker thread that published it; missing for the main thread. */
  thread?: string
  value: Record<string, unknown>
}

/** From a host to the harness. */
export type HostReport =
  | { type: 'ready'; url: string | null; inspectorUrl: string | null }
  | { type: 'failed'; message: string }
  /** Everything published up to `stampMs` that was not pulled before. `pull` is the request's number, 0 for the last batch. */
  | { type: 'probes'; pull: number; stampMs: number; probes: PublishedProbe[] }
  | { type: 'stopping'; why: string }
  /** `stop()` returned a while ago, but these resources still keep the process alive. */
  | { type: 'lingering'; resources: string[] }

/** From the harness to a host. */
export type HostRequest = { type: 'pull'; pull: number } | { type: 'stop' }
