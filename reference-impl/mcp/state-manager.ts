import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileGate } from './file-gate.ts'
import { replaceFile } from './replace-file.ts'
import type { WorkflowState } from './workflow-state.ts'

/**
 * The state of workflow sessions on disk, one file each, shared by all processes over one folder. A change reads,
 * computes and replaces under the session's file lock, so that none is lost.
 */
export class StateManager {
  protected readonly folder: string
  protected readonly gate: FileGate

  constructor(folder: string, gate: FileGate) {
    this.folder = folder
    this.gate = gate
  }

  /** Makes the folder. Call it once before anything else. */
  async open(): Promise<void> {
    await mkdir(this.folder, { recursive: true })
  }

  /**
   * The state as of the last completed change; null when there never was one. Takes no lock: files are replaced in one
   * step, so that a read sees a whole state, and its moment is the moment of the read.
   */
  async read(sessionId: string): Promise<WorkflowState | null> {
    try {
      return JSON.parse(await readFile(this.fileOf(sessionId), 'utf8')) as WorkflowState
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }

  /** Replaces a session's state by what `next` makes of it. What `next` throws leaves the state as it was. */
  change(
    sessionId: string,
    next: (state: WorkflowState | null) => WorkflowState | Promise<WorkflowState>,
  ): Promise<WorkflowState> {
    return this.locked(sessionId, async () => {
      const before = await this.read(sessionId)
      const after = await next(before)
      if (after !== before) await replaceFile(this.fileOf(sessionId), JSON.stringify(after))
      return after
    })
  }

  /** Runs a section while nobody else, in any process, changes the session's state. */
  locked<T>(sessionId: string, section: () => Promise<T>): Promise<T> {
    return this.gate.run(this.fileOf(sessionId), section)
  }

  /** Session ids hold only characters that a file name may have; the tools' schemas see to it. */
  protected fileOf(sessionId: string): string {
    return join(this.folder, `${sessionId}.json`)
  }
}
