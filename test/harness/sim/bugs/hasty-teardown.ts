import { appendFile } from 'node:fs/promises'
import { type Bug, pause } from './bug.ts'

/** A stream that lives as long as somebody watches it. */
class Stream {
  isOpen = true
  protected readonly watchers = new Set<string>()

  join(watcher: string): void {
    this.isOpen = true
    this.watchers.add(watcher)
  }

  async leave(watcher: string): Promise<void> {
    this.watchers.delete(watcher)
    await this.audit(`${watcher} left\n`)
    if (this.watchers.size === 0) this.isOpen = false
  }

  protected async audit(line: string): Promise<void> {
    await appendFile('/var/log/audit.log', line)
  }
}

/** Asks whether somebody is left, waits for the log, and closes on the old answer. */
class HastyStream extends Stream {
  override async leave(watcher: string): Promise<void> {
    this.watchers.delete(watcher)
    if (this.watchers.size > 0) return
    await this.audit(`${watcher} left\n`)
    this.isOpen = false
  }
}

async function oneLeavesAsOneComes(stream: Stream): Promise<void> {
  stream.join('first')
  const leaving = pause(5).then(() => stream.leave('first'))
  const coming = pause(9).then(() => stream.join('second'))
  await Promise.all([leaving, coming, ...Array.from({ length: 4 }, (_, turn) => pause(2 * turn))])
  if (!stream.isOpen) throw new Error('the stream was closed under its second watcher')
}

/** The last watcher's leaving closes the stream under one who comes at that moment. */
export const hastyTeardown: Bug = {
  name: 'teardown against a second client',
  defective: (sim) => {
    sim.file('/var/log/audit.log', '')
    return oneLeavesAsOneComes(new HastyStream())
  },
  correct: (sim) => {
    sim.file('/var/log/audit.log', '')
    return oneLeavesAsOneComes(new Stream())
  },
}
