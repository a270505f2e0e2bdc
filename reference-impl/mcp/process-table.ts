import { readFileSync } from 'node:fs'

/** Tells the processes of a machine apart, and whether one of them still lives. */
export interface Processes {
  /** This process, by a name that no other process of the machine has or will have. */
  readonly self: string
  isAlive(name: string): boolean
}

/**
 * The processes of this machine as the operating system tells them: `<pid>@<start>`. A process id is used again after
 * its process died, the time of its start is not; where there is no `/proc` to read that time from, the id must do.
 */
export class ProcessTable implements Processes {
  readonly self = `${process.pid}@${startOf(process.pid) ?? ''}`

  isAlive(name: string): boolean {
    const [pid, start] = name.split('@')
    if (start === '' || start === undefined) return answersSignals(Number(pid))
    return startOf(Number(pid)) === start
  }
}

/**
 * When the process started, in clock ticks since the machine did; null when it is gone. A killed process whose parent
 * has not collected it yet (state Z) can hold nothing any more, and counts as gone.
 */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold anything, blanks and parentheses included, so that fields count from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // The process of another user lives, but may not be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
