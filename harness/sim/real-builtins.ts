import timers from 'node:timers'
import timersPromises from 'node:timers/promises'
import { fsBinding, type NativeFs } from './node-internals.ts'

/** The builtins that the machinery itself needs in their real form, whatever is patched later. */
export interface RealBuiltins {
  readonly setTimeout: typeof timers.setTimeout
  readonly setInterval: typeof timers.setInterval
  readonly setImmediate: typeof timers.setImmediate
  readonly clearTimeout: typeof timers.clearTimeout
  readonly clearInterval: typeof timers.clearInterval
  readonly clearImmediate: typeof timers.clearImmediate
  readonly timersPromises: Readonly<Omit<typeof timersPromises, 'default'>>
  readonly Date: DateConstructor
  readonly nativeFs: NativeFs
}

/** Reads them off; called once for each thread, before anything is patched. */
export function captureRealBuiltins(): RealBuiltins {
  const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = timers
  return {
    setTimeout,
    setInterval,
    setImmediate,
    clearTimeout,
    clearInterval,
    clearImmediate,
    timersPromises: { ...timersPromises },
    Date: globalThis.Date,
    nativeFs: { ...fsBinding() },
  }
}
