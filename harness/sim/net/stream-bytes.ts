/** The bytes of a text, in memory of their own. */
export function bytesOf(text: string, encoding: BufferEncoding): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text, encoding))
  bytes.write(text, encoding)
  return bytes
}

/** The bytes of the chunks of a `writev` in one piece: all buffers, or texts and buffers each followed by its encoding. */
export function bytesOfAll(chunks: readonly unknown[], areBuffers: boolean): Uint8Array {
  const perChunk = areBuffers ? 1 : 2
  let size = 0
  for (let place = 0; place < chunks.length; place += perChunk) size += sizeOf(chunks[place], chunks[place + 1])
  const all = Buffer.allocUnsafeSlow(size)
  let end = 0
  for (let place = 0; place < chunks.length; place += perChunk) {
    end += put(chunks[place], chunks[place + 1], all, end)
  }
  return all
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding as BufferEncoding) : (chunk as Uint8Array).length
}

/** Returns how many bytes there were. */
function put(chunk: unknown, encoding: unknown, all: Buffer, start: number): number {
  if (typeof chunk === 'string') return all.write(chunk, start, encoding as BufferEncoding)
  all.set(chunk as Uint8Array, start)
  return (chunk as Uint8Array).length
}
