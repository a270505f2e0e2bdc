import { observed, pass, turn } from '../../../../harness/threads/transform/observed.ts'
import { names, wrapAccesses } from '../../../../harness/threads/transform/wrap-accesses.ts'

/** What a piece of code did: what it logged, in order, and what came of it. */
export interface Behaviour {
  readonly log: readonly unknown[]
  readonly result: unknown
}

/** The data that pieces of code work on, over one buffer. */
function dataOver(buffer: ArrayBufferLike) {
  const words = new Int32Array(buffer, 0, 8)
  words.set([3, 1, 4, 1, 5, 9, 2, 6])
  return {
    words,
    bytes: new Uint8Array(buffer, 32, 8),
    floats: new Float64Array(buffer, 40, 2),
    bigs: new BigInt64Array(buffer, 56, 1),
    view: new DataView(buffer),
    // One that could grow would let a random loop over it run for ever.
    list: Object.preventExtensions([10, 20, 30]),
    table: {
      a: 1,
      get b() {
        return 2
      },
      words,
    } as Record<string, unknown>,
  }
}

/** Compiles a piece of code, rewritten or not, as a function of the buffer that its data lie in. */
export function compiled(code: string, { rewritten }: { rewritten: boolean }): (buffer: ArrayBufferLike) => Behaviour {
  const text = rewritten ? wrapAccesses(code, { file: 'piece.js', sourceType: 'script' }).code : code
  const own = [names.observed, names.turn, names.pass]
  const run = new Function(...own, 'say', ...Object.keys(dataOver(new ArrayBuffer(64))), `'use strict'\n${text}`)
  return (buffer) => {
    const log: unknown[] = []
    const say = (value: unknown) => {
      log.push(value)
      return value
    }
    const data = dataOver(buffer)
    const result = resultOf(() => run(observed, turn, pass, say, ...Object.values(data)))
    return { log, result: [result, [...new Uint8Array(buffer)], data.list, data.table] }
  }
}

function resultOf(run: () => unknown): unknown {
  try {
    return { returned: run() }
  } catch (thrown) {
    if (thrown instanceof Error) return { thrown: thrown.name }
    throw thrown
  }
}
