import { NativeHandle } from './native-handle.ts'
import type { StreamRequest } from './outgoing.ts'
import { bytesOf, bytesOfAll } from './stream-bytes.ts'
import { tellRead, tellWrite } from './stream-figures.ts'
import { uvCode } from './uv-codes.ts'

/** The surface of a native stream that `net.Socket` writes to and reads from, whatever is behind it. */
export abstract class StreamHandle extends NativeHandle {
  /** Set by net.Socket, or by the code of the IPC channel: what takes the bytes that are read. */
  onread: (this: StreamHandle, buffer: ArrayBufferLike | undefined) => unknown = ignore
  /** net.Socket's own note of whether it reads. */
  reading = false
  bytesRead = 0
  bytesWritten = 0
  /** Bytes go through JavaScript, so that nothing native may take them over, as the HTTP parser would. */
  readonly isStreamBase = false

  writeUtf8String(request: StreamRequest, text: string): number {
    return this.writeBytes(request, bytesOf(text, 'utf8'))
  }

  writeLatin1String(request: StreamRequest, text: string): number {
    return this.writeBytes(request, bytesOf(text, 'latin1'))
  }

  writeAsciiString(request: StreamRequest, text: string): number {
    return this.writeBytes(request, bytesOf(text, 'latin1'))
  }

  writeUcs2String(request: StreamRequest, text: string): number {
    return this.writeBytes(request, bytesOf(text, 'utf16le'))
  }

  /** Copies, as the kernel does: the writer may use its buffer again at once. */
  writeBuffer(request: StreamRequest, bytes: Uint8Array): number {
    return this.writeBytes(request, Uint8Array.prototype.slice.call(bytes))
  }

  /** Chunks are buffers, or texts each followed by its encoding. */
  writev(request: StreamRequest, chunks: readonly unknown[], areBuffers: boolean): number {
    return this.writeBytes(request, bytesOfAll(chunks, areBuffers))
  }

  receive(bytes: Uint8Array): void {
    this.bytesRead += bytes.length
    tellRead(bytes.length, bytes.byteOffset)
    this.onread(bytes.buffer)
  }

  receiveEnd(): void {
    this.receiveFailure(uvCode('EOF'))
  }

  /** Tells the reader that nothing comes any more, and libuv's code for why. */
  protected receiveFailure(code: number): void {
    tellRead(code, 0)
    this.onread(undefined)
  }

  /** Sends bytes that are nobody else's. Returns 0, or libuv's error. */
  protected abstract writeBytes(request: StreamRequest, bytes: Uint8Array): number

  /** Counts what was written, and tells whether all of it went through at once. */
  protected tellWritten(bytes: Uint8Array, atOnce: boolean): void {
    this.bytesWritten += bytes.length
    tellWrite(bytes.length, !atOnce)
  }
}

function ignore(): void {}
