import '../../../../harness/register.ts'
import { expect, it } from 'vitest'
import { sameInBothWorlds } from '../both-worlds.ts'

interface Compiled {
  instance: { exports: { answer(): number } }
}

const { WebAssembly: wasm } = globalThis as unknown as {
  WebAssembly: {
    compile(bytes: Uint8Array): Promise<object>
    instantiate(source: Uint8Array, imports?: object): Promise<Compiled>
    instantiate(source: object, imports?: object): Promise<Compiled['instance']>
  }
}

/** A module that exports `answer`, which returns 42. */
const bytes = Buffer.from('0061736d010000000105016000017f03020100070a0106616e7377657200000a06010400412a0b', 'hex')

it('compiles and instantiates, from bytes and from a module', async () => {
  const answers = await sameInBothWorlds(async () => {
    const module = await wasm.compile(bytes)
    const { instance } = await wasm.instantiate(bytes)
    return [(await wasm.instantiate(module)).exports.answer(), instance.exports.answer(), String(module)]
  })
  expect(answers).toEqual([42, 42, '[object WebAssembly.Module]'])
})

it('rejects what is no module, with the error of the real class', async () => {
  const names = await sameInBothWorlds(() =>
    Promise.all(
      [wasm.compile(Buffer.from('no')), wasm.instantiate(Buffer.from('no'))].map((p) => p.catch((e) => e.name)),
    ),
  )
  expect(names).toEqual(['CompileError', 'CompileError'])
})
