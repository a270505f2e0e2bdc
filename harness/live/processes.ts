import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delay } from './waiting.ts'

/** The environment variable by which the processes of one run are known; every descendant inherits it. */
export const runMark = 'RACEPROOF_RUN'

/** A process of this machine. */
export interface ProcessInfo {
  pid: number
  parent: number
  /** The session, which a process leaves only by founding one of its own. 0 where it is not known. */
  session: number
  command: string
  /** It inherited the run's mark. */
  marked: boolean
}

/** Whose processes are meant: those of the run with this mark, started from the process with this pid. */
export interface ProcessFamily {
  mark: string
  root: number
}

/**
 * The living processes of a run, its root included: those that inherited the mark, those of the root's session, and all
 * their descendants. A process that escapes one of these (a cleared environment, a session of its own, a parent that
 * died) is found by another.
 */
export function processesOf({ mark, root }: ProcessFamily): ProcessInfo[] {
  const all = listProcesses(mark)
  const members = new Set(all.filter(({ pid, session, marked }) => marked || pid === root || session === root))
  for (let before = -1; before !== members.size; ) {
    before = members.size
    const pids = new Set([...members].map(({ pid }) => pid))
    for (const process of all) if (pids.has(process.parent)) members.add(process)
  }
  return [...members]
}

/**
 * Kills the processes of a run but for `spare`, until none is left: one that is killed may just have started another.
 * Returns those that it found.
 */
export async function killProcessesOf(family: ProcessFamily, spare: readonly number[] = []): Promise<ProcessInfo[]> {
  const found = new Map<number, ProcessInfo>()
  for (let attempt = 0; attempt < 100; attempt++) {
    const living = processesOf(family).filter(({ pid }) => !spare.includes(pid))
    if (living.length === 0) break
    for (const process of living) {
      found.set(process.pid, process)
      signalProcess(process.pid, 'SIGKILL')
    }
    await delay(20)
  }
  return [...found.values()]
}

/** Sends a signal; a process that is gone is no error. A negative pid means a process group, as for kill(2). */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** All living processes, as far as they can be seen. */
function listProcesses(mark: string): ProcessInfo[] {
  return existsSync('/proc/self/stat') ? fromProc(`${runMark}=${mark}`) : fromPs(`${runMark}=${mark}`)
}

function fromProc(marking: string): ProcessInfo[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProc(pid, marking) ?? [])
}

/** A process may end between two reads, and another user's environment cannot be read; both are no error. */
function readProc(pid: string, marking: string): ProcessInfo | undefined {
  const stat = readText(`/proc/${pid}/stat`)
  // The command in parentheses may hold spaces and parentheses itself, so the fields are counted from its end.
  const [state, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (stat === '' || state === 'Z' || state === 'X') return undefined
  const environment = readText(`/proc/${pid}/environ`).split('\0')
  const command = readText(`/proc/${pid}/cmdline`).split('\0').join(' ').trim()
  return {
    pid: Number(pid),
    parent: Number(parent),
    session: Number(session),
    command,
    marked: environment.includes(marking),
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Where there is no /proc: `ps` with the environment after each command. */
function fromPs(marking: string): ProcessInfo[] {
  const lines = execFileSync('ps', ['axeww', '-o', 'pid=,ppid=,command='], { encoding: 'utf8', maxBuffer: 2 ** 26 })
  return lines.split('\n').flatMap((line) => {
    const [, pid, parent, rest = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    if (pid === undefined) return []
    return { pid: Number(pid), parent: Number(parent), session: 0, command: rest, marked: rest.includes(marking) }
  })
}
