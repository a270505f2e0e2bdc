import { messageOf } from '../../errors.ts'
import { type ProcessFamily, type ProcessInfo, processesOf } from '../processes.ts'
import { describe } from '../target-process.ts'
import { countDescriptors, openThings } from './descriptors.ts'
import { Inspector } from './inspector.ts'
import { InstanceCounter } from './instances.ts'
import type { ResourceLedger } from './resource-ledger.ts'
import { heapMiB, runtimeCounts } from './runtime-counts.ts'

/** What is open in the target at one moment. */
export interface Census {
  counts: Record<string, number>
  /** What could not be seen, and why. */
  blind: string[]
  /** Single things that are open, as far as they have names. */
  items: string[]
  /** What descriptors are open on, and how many, where that was looked at. */
  descriptors?: Record<string, number>
}

/** The process that serves, and how to look into it. */
export interface Subject {
  /** The process whose descriptors are counted. */
  pid: number
  family: ProcessFamily
  /** Where its debugger listens, or why it has none. */
  debugger: { url: string } | { missing: string }
}

const namedItems = 50

/**
 * Counts, from outside and without any change to it, what is open in the target: its resources (if it publishes them),
 * processes, descriptors, whatever keeps its event loop alive, workers, and instances by class.
 *
 * The debugger stays attached from the baseline on, so that its own descriptor is in every count alike.
 */
export class LeakProbe {
  readonly #subject: Subject
  readonly #ledger: ResourceLedger
  readonly #inspector: Inspector | null
  readonly #instances: InstanceCounter | null
  readonly #blind: string[]

  private constructor(subject: Subject, ledger: ResourceLedger, inspector: Inspector | null, blind: string[]) {
    this.#subject = subject
    this.#ledger = ledger
    this.#inspector = inspector
    this.#instances = inspector && new InstanceCounter(inspector)
    this.#blind = blind
  }

  static async attach(subject: Subject, ledger: ResourceLedger): Promise<LeakProbe> {
    const { debugger: target } = subject
    if ('missing' in target) return new LeakProbe(subject, ledger, null, [withoutDebugger(target.missing)])
    try {
      return new LeakProbe(subject, ledger, await Inspector.connect(target.url), [])
    } catch (error) {
      return new LeakProbe(subject, ledger, null, [withoutDebugger(messageOf(error))])
    }
  }

  /** What can be counted without disturbing the target. Never throws: what cannot be seen is said to be so. */
  async glance(): Promise<Census> {
    const extra = this.#childProcesses()
    const descriptors = countDescriptors(this.#subject.pid)
    const runtime = await this.#look('timers, sockets, workers', runtimeCounts)
    const counts = {
      ...this.#ledger.counts(),
      childProcesses: extra.length,
      ...(descriptors === null ? {} : { descriptors }),
      ...runtime.counts,
    }
    const noProc = descriptors === null ? ['descriptors: this system has no /proc'] : []
    const items = shortened([...extra.map(describe), ...this.#ledger.items()])
    return { counts, blind: [...this.#blind, ...noProc, ...runtime.blind], items }
  }

  /** Everything: also living instances and the heap, for which the target stands still while its garbage is collected. */
  async census(): Promise<Census> {
    const heap = await this.#look('heap', async (inspector) => ({ heapMiB: await heapMiB(inspector) }))
    const instances = await this.#look('instances', async () => (await this.#instances?.count()) ?? {})
    // Last, because what has been collected may have closed descriptors.
    const { counts, blind, items } = await this.glance()
    return {
      counts: { ...counts, ...instances.counts, ...heap.counts },
      blind: [...blind, ...heap.blind, ...instances.blind],
      items,
      descriptors: openThings(this.#subject.pid),
    }
  }

  /** Asks the debugger. A target that has ended, or whose event loop does not turn, does not answer. */
  async #look(
    what: string,
    count: (inspector: Inspector) => Promise<Record<string, number>>,
  ): Promise<Pick<Census, 'counts' | 'blind'>> {
    if (this.#inspector === null) return { counts: {}, blind: [] }
    try {
      return { counts: await count(this.#inspector), blind: [] }
    } catch (error) {
      return { counts: {}, blind: [`${what}: ${messageOf(error)}`] }
    }
  }

  /** Lets go of the target, whose process could not end before. */
  detach(): void {
    this.#inspector?.close()
  }

  #childProcesses(): ProcessInfo[] {
    return processesOf(this.#subject.family).filter(({ pid }) => pid !== this.#subject.family.root)
  }
}

/** The census of a target that runs elsewhere: nothing can be counted. */
export function blindCensus(why: string): Census {
  return { counts: {}, blind: [why], items: [] }
}

function withoutDebugger(why: string): string {
  return `timers, sockets, workers, instances: ${why}`
}

function shortened(items: string[]): string[] {
  if (items.length <= namedItems) return items
  return [...items.slice(0, namedItems), `… and ${items.length - namedItems} more`]
}
