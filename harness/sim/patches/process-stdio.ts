import { active } from '../active.ts'

/**
 * `process.stdin`, `process.stdout` and `process.stderr`: those of the child process whose code runs. The processes that a
 * schedule has started itself write to the real ones, as `console` does everywhere.
 */
export function patchProcessStdio(): void {
  for (const name of ['stdin', 'stdout', 'stderr'] as const) {
    const { get, ...real } = Object.getOwnPropertyDescriptor(process, name) as PropertyDescriptor
    if (get === undefined) continue
    Object.defineProperty(process, name, {
      configurable: real.configurable ?? true,
      enumerable: real.enumerable ?? true,
      get() {
        const { current } = active
        const child = current?.processes.childAt(current.node)
        return child?.[name] ?? get.call(process)
      },
    })
  }
}
