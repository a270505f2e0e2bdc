/** The bytes of a text, in memory of their own. */
export function bytesOf(text: string, encoding: BufferEncoding): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text, encoding))
  bytes.write(text, encoding)
  return bytes
}

/** The bytes of the chunks of a `writev` in one piece: all buffers, or texts and buffers each followed by its encoding. */
export function bytesOfAll(chunks: readonly unknown[], areBuffers: boolean): Uint8Array {
  const parts = areBuffers ? (chunks as Uint8Array[]) : decoded(chunks)
  const all = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}

function decoded(chunks: readonly unknown[]): Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let place = 0; place < chunks.length; place += 2) {
    const chunk = chunks[place] as string | Uint8Array
    parts.push(typeof chunk === 'string' ? bytesOf(chunk, chunks[place + 1] as BufferEncoding) : chunk)
  }
  return parts
}
