import type { Defect } from '../defect.ts'
import type { AnyTarget } from '../target.ts'
import type { ProbeBatch } from './host-process.ts'
import type { Subject } from './leak-probe/leak-probe.ts'
import type { ProcessSpec, TargetProcess } from './target-process.ts'

/** How the target is started: in a host process, not at all (it runs at a URL), or by a shell command. */
export type Launch = { kind: 'host' } | { kind: 'url'; url: string } | { kind: 'command'; command: string }

/** A target that was launched. */
export interface Launched {
  /** Where it listens; null when it speaks stdio only. */
  readonly url: string | null
  /** Its process; null when it runs elsewhere. */
  readonly process: TargetProcess | null
  /** What to count; null when nothing of it can be seen. */
  readonly subject: Subject | null
  /** Gets what it has published so far; an empty batch from a target that publishes nothing. */
  pull(): Promise<void>
}

/** What every way to launch a target needs. */
export interface LaunchContext extends Omit<ProcessSpec, 'file' | 'args' | 'env' | 'ipc'> {
  target: AnyTarget
  defect: Defect | null
  config: object
  dataDir: string
  readyTimeoutMs: number
  signal: AbortSignal
  onProbes(batch: ProbeBatch): void
  /** Called as soon as there is a process, so that it is ended even if it never gets ready. */
  onProcess(process: TargetProcess): void
}
