import { active } from '../active.ts'

/** Thrown to leave the code that called `process.exit`; the schedule ends with the callback that runs now. */
class ProcessExit extends Error {
  override name = 'ProcessExit'
}

/**
 * `process.exit`, `process.abort` and `process.kill` of this process. In a schedule they end the schedule and are its
 * finding, never the end of the process that explores it.
 */
export function patchProcessExit(): void {
  const { exit, abort, kill } = process
  process.exit = (code) => {
    if (active.current === undefined) return exit(code)
    return leave(`process.exit(${code ?? process.exitCode ?? 0}) was called`)
  }
  process.abort = () => (active.current === undefined ? abort() : leave('process.abort() was called'))
  process.kill = (pid, signal) => {
    const { current } = active
    if (current === undefined || pid !== process.pid || signal === 0) return kill.call(process, pid, signal)
    const name = String(signal ?? 'SIGTERM')
    current.pushJob('signal', name, () => receive(name))
    return true
  }
}

function receive(signal: string): void {
  const { current } = active
  if (current === undefined || process.emit(signal as NodeJS.Signals, signal as NodeJS.Signals)) return
  current.find('signal', `${signal} ended the process: nobody listens to it`)
  current.stop()
}

function leave(message: string): never {
  const { current } = active
  current?.find('exit', message)
  current?.stop()
  throw new ProcessExit(message)
}

/** Whether something that was thrown only leaves the code that ended its process. */
export function isProcessExit(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'ProcessExit'
}
