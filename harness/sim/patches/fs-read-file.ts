import fs from 'node:fs'
import { active } from '../active.ts'
import { fsBinding, type NativeFs } from '../node-internals.ts'

/** What Node keeps of a `fs.readFile` while it reads. */
interface ReadFileContext {
  fd: number
  isUserFd: boolean
  size: number
  callback(error: Error | null, content?: unknown): void
  encoding: BufferEncoding | null | undefined
  signal: AbortSignal | undefined
  read(): void
  close(error?: Error): void
}

/** As many bytes as Node reads at a time, and as many where the size is not known. */
const chunkBytes = 512 * 1024
const unknownSizeBytes = 64 * 1024

/**
 * `fs.readFile` with a callback. It opens the file as everything does, but its steps after that use native functions that
 * Node took when it started; inside a schedule they use `fs.read` and `fs.close` instead.
 */
export function patchFsReadFile(): void {
  const prototype = contextPrototype(fsBinding())
  const { read, close } = prototype
  const chunksOf = new WeakMap<ReadFileContext, Buffer[]>()
  prototype.read = function (this: ReadFileContext) {
    if (active.current === undefined) read.call(this)
    else readNext(this, chunksOf)
  }
  prototype.close = function (this: ReadFileContext, error?: Error) {
    if (active.current === undefined) close.call(this, error)
    else closeAndAnswer(this, chunksOf.get(this) ?? [], error ?? null)
  }
}

/** The class of the contexts is Node's own; a `readFile` that gets no further than its first step shows it. */
function contextPrototype(binding: NativeFs): ReadFileContext {
  const { open } = binding
  let found: ReadFileContext | undefined
  binding.open = (...args) => {
    found = (args.at(-1) as { context: ReadFileContext }).context
  }
  try {
    fs.readFile('/', () => {})
  } finally {
    binding.open = open
  }
  return Object.getPrototypeOf(found) as ReadFileContext
}

function readNext(context: ReadFileContext, chunksOf: WeakMap<ReadFileContext, Buffer[]>): void {
  if (context.signal?.aborted) {
    context.close(abortError(context.signal))
    return
  }
  const chunks = chunksOf.get(context) ?? []
  chunksOf.set(context, chunks)
  const done = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const length = context.size === 0 ? unknownSizeBytes : Math.min(chunkBytes, context.size - done)
  fs.read(context.fd, Buffer.allocUnsafe(length), 0, length, -1, (error, count, buffer) => {
    if (error !== null) {
      context.close(error)
      return
    }
    chunks.push(buffer.subarray(0, count))
    if (count === 0 || done + count === context.size) context.close()
    else context.read()
  })
}

/** A descriptor that the caller opened stays open. */
function closeAndAnswer(context: ReadFileContext, chunks: readonly Buffer[], error: Error | null): void {
  if (context.isUserFd) process.nextTick(answer, context, chunks, error)
  else fs.close(context.fd, (closeError) => answer(context, chunks, error ?? closeError ?? null))
}

function answer({ callback, encoding }: ReadFileContext, chunks: readonly Buffer[], error: Error | null): void {
  if (error !== null) {
    callback(error)
    return
  }
  const content = Buffer.concat(chunks)
  callback(null, encoding ? content.toString(encoding) : content)
}

/** The error of Node's own aborted operations, whose class is not public. */
function abortError(signal: AbortSignal): Error {
  const error = new Error('The operation was aborted', { cause: signal.reason })
  error.name = 'AbortError'
  return Object.assign(error, { code: 'ABORT_ERR' })
}
