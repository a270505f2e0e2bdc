import { constants } from 'node:os'
import { active } from '../active.ts'

/** No process can have this id, on any platform that Node runs on. */
const nobodysPid = 2 ** 30

/**
 * `process.kill`: inside a schedule it knows the processes of the schedule and their groups only, so that a wrong id can never
 * hit a process outside. What is wrong with the arguments is said by the real function, and so is that nobody has the id.
 */
export function patchProcessKill(): void {
  const { kill } = process
  process.kill = (pid, signal) => {
    const { current } = active
    if (current === undefined || !Number.isInteger(pid)) return kill.call(process, pid, signal)
    const name = nameOf(signal)
    if (name !== undefined && current.processes.signal(pid, name)) return true
    return kill.call(process, nobodysPid, signal)
  }
}

/** The signal's name; 0 stays 0, and what is no signal is undefined. */
export function nameOf(signal: string | number | undefined): NodeJS.Signals | 0 | undefined {
  if (signal === 0) return 0
  if (signal === undefined) return 'SIGTERM'
  const found = Object.entries(constants.signals).find(([name, number]) => name === signal || number === signal)
  return found?.[0] as NodeJS.Signals | undefined
}
