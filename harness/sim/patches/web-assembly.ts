import { active } from '../active.ts'
import { refuseCalls } from '../refuse.ts'

type Module = object
type Instance = object

/** The parts of `WebAssembly` used here; Node's types leave them to those of the browser. */
interface WebAssemblyInside {
  Module: new (bytes: ArrayBuffer | ArrayBufferView) => Module
  Instance: new (module: Module, imports?: object) => Instance
  compile(bytes: ArrayBuffer | ArrayBufferView): Promise<Module>
  instantiate(source: Module | ArrayBuffer | ArrayBufferView, imports?: object): Promise<object>
}

/**
 * `WebAssembly.compile` and `WebAssembly.instantiate`, by their synchronous twins, whether or not a schedule runs: a
 * library (undici, for its HTTP parser) begins to compile when it is imported and waits for it at its first request, and
 * that wait may well fall into a schedule, where nothing real can end. They resolve to the same as the real ones, and
 * reject with errors of the same classes.
 *
 * It also loads the parts of the global `fetch` before the first schedule, for Node loads them at the first request: the
 * first schedule would not be the same as its repetition.
 */
export function patchWebAssembly(): void {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyInside }
  const { Module, Instance } = WebAssembly
  WebAssembly.compile = async (bytes) => new Module(bytes)
  WebAssembly.instantiate = async (source, imports) => {
    if (source instanceof Module) return new Instance(source, imports)
    const module = new Module(source as ArrayBuffer)
    return { module, instance: new Instance(module, imports) }
  }
  refuseCalls(WebAssembly, 'WebAssembly', ['compileStreaming', 'instantiateStreaming'], 'webAssemblyStreaming')
  active.atStart.add(() => void globalThis.Headers)
}
