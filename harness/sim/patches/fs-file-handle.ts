import { active } from '../active.ts'
import { close } from '../fs/descriptor-operations.ts'
import { Failure, nodeError } from '../fs/failure.ts'
import type { OpenFile } from '../fs/open-file.ts'
import type { SimFileSystem } from '../fs/sim-file-system.ts'
import { refuseUse } from '../refuse.ts'

/** What Node's `FileHandle` stands on: an open file of the simulation in the place of the native handle. */
export class SimFileHandle {
  fd: number
  readonly #files: SimFileSystem
  readonly #file: OpenFile

  constructor(files: SimFileSystem, file: OpenFile) {
    this.fd = file.fd
    this.#files = files
    this.#file = file
  }

  /** Nobody outside of Node's debugging hooks asks for it. */
  getAsyncId(): number {
    return 0
  }

  close(): Promise<void> {
    const { fd } = this
    this.fd = -1
    return new Promise((resolve, reject) => {
      const perform = () => {
        const error = this.#closeNow(fd)
        return () => (error === undefined ? resolve() : reject(error))
      }
      this.#files.jobs.push({ label: `close ${this.#file.path.split('/').at(-1)}`, perform })
    })
  }

  /** `fs.closeSync` and the like take the descriptor over from the handle. */
  releaseFD(): number {
    const { fd } = this
    this.fd = -1
    return fd
  }

  /** Web streams that are not of bytes read from the native handle itself. */
  readStart(): void {
    if (active.current !== undefined) {
      refuseUse(active.current, 'FileHandle.readableWebStream', 'nativeFileStreams')
    }
  }

  #closeNow(fd: number): Error | undefined {
    try {
      close(this.#files, fd)
      return undefined
    } catch (error) {
      if (error instanceof Failure) return nodeError(error.code, { syscall: 'close' })
      throw error
    }
  }
}
