import { active } from '../active.ts'

/** The most that one read gives, as Node does. */
const chunkBytes = 65_536

/**
 * `Blob.stream()`, and with it the bodies that `fetch` makes of blobs and forms. Node's own waits between two chunks for an
 * immediate that it took before anything could be patched; this one waits for the schedule's.
 */
export function patchBlob(): void {
  const { stream } = Blob.prototype
  Blob.prototype.stream = function (this: Blob) {
    return active.current === undefined ? stream.call(this) : streamOf(this)
  } as typeof stream
}

function streamOf(blob: Blob): ReadableStream {
  let offset = 0
  return new ReadableStream(
    {
      type: 'bytes',
      async pull(controller) {
        const chunk = await blob.slice(offset, offset + chunkBytes).arrayBuffer()
        offset += chunk.byteLength
        if (chunk.byteLength > 0) controller.enqueue(new Uint8Array(chunk))
        else {
          controller.close()
          controller.byobRequest?.respond(0)
        }
        await new Promise<void>((resolve) => setImmediate(resolve))
      },
    },
    { highWaterMark: 0 },
  )
}
