import { refuse } from './refuse.ts'
import { replace } from './replace.ts'
import type { Running } from './running.ts'

/**
 * Enters shared buffers where they are made; a thread that makes one finds the same in each of its runs. Returns what ends
 * that.
 */
export function interceptBuffers(running: Running): () => void {
  const Real = globalThis.SharedArrayBuffer
  const make = (size: number): SharedArrayBuffer => {
    const buffer = new Real(size)
    running.memory?.add(buffer)
    return buffer
  }
  return replace(
    globalThis,
    'SharedArrayBuffer',
    new Proxy(Real, {
      construct(_, [size, options]: [number, { maxByteLength?: number }?]) {
        if (options?.maxByteLength !== undefined) {
          refuse(
            running,
            'a SharedArrayBuffer that grows',
            'only memory of one size is modelled; leave maxByteLength out',
          )
        }
        const { fiber } = running
        if (fiber === null) return make(size)
        running.hasOwnBuffers = true
        const buffer = fiber.draw(() => make(size))
        // A run that repeats itself finds it empty, as the first did; what came later is put back with the later steps.
        if (!fiber.isNew) new Uint8Array(buffer).fill(0)
        return buffer
      },
    }),
  )
}
