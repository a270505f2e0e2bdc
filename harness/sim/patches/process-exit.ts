import { active } from '../active.ts'
import { endOwn } from '../process/end-process.ts'

/** Thrown to leave the code that ended its own process. */
export class ProcessExit extends Error {
  override name = 'ProcessExit'
}

/**
 * `process.exit` and `process.abort` of the process whose code runs. A child process
 * may end as it likes. Of a process that the schedule has started itself it is a finding, and never the end of the process
 * that explores it.
 */
export function patchProcessExit(): void {
  const { exit, abort } = process
  process.exit = (code) => {
    if (active.current === undefined) return exit(code)
    const exitCode = code ?? process.exitCode ?? active.current.node.exitCode ?? 0
    return leave(exitCode, `process.exit(${exitCode}) was called`)
  }
  process.abort = () => (active.current === undefined ? abort() : leave('SIGABRT', 'process.abort() was called'))
}

function leave(how: number | string | 'SIGABRT', message: string): never {
  const simulation = active.current
  const { node } = simulation ?? {}
  if (simulation !== undefined && node !== undefined) {
    const child = simulation.processes.childAt(node)
    if (child === undefined) {
      simulation.find('exit', message)
      simulation.processes.listeners.call(node, 'exit', how)
      endOwn(simulation, node)
    } else child.end(how === 'SIGABRT' ? { signal: how } : { exitCode: Number(how) })
  }
  throw new ProcessExit(message)
}

/** Whether something that was thrown only leaves the code that ended its process. */
export function isProcessExit(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'ProcessExit'
}
