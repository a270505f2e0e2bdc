import { active } from '../active.ts'

/** `process.pid` and `process.ppid`: those of the process whose code runs, the same in every schedule of a seed. */
export function patchProcessIds(): void {
  const { pid, ppid } = Object.getOwnPropertyDescriptors(process)
  define('pid', pid, (simulation) => simulation.processes.pidOf(simulation.node))
  define('ppid', ppid, (simulation) => simulation.processes.ppidOf(simulation.node))
}

function define(
  name: 'pid' | 'ppid',
  real: PropertyDescriptor | undefined,
  virtual: (simulation: NonNullable<typeof active.current>) => number,
): void {
  Object.defineProperty(process, name, {
    enumerable: true,
    configurable: true,
    get: () => (active.current === undefined ? (real?.get?.call(process) ?? real?.value) : virtual(active.current)),
  })
}
