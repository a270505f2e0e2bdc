import { type StreamBase, streamBase } from '../node-internals.ts'

const base: StreamBase = streamBase()

/** Says how many bytes were read, or which error was met, and where in their buffer the bytes begin. */
export function tellRead(bytesOrError: number, offset: number): void {
  base.streamBaseState[base.kReadBytesOrError] = bytesOrError
  base.streamBaseState[base.kArrayBufferOffset] = offset
}

/** Says how many bytes a write took, and whether its completion is still to come. */
export function tellWrite(bytes: number, isAsync: boolean): void {
  base.streamBaseState[base.kBytesWritten] = bytes
  base.streamBaseState[base.kLastWriteWasAsync] = isAsync ? 1 : 0
}
