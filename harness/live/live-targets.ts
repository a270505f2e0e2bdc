import type { Census } from './leak-probe/leak-probe.ts'
import { sumOfCounts } from './leak-probe/sum-of-counts.ts'
import { LiveTarget, type LiveTargetOptions } from './live-target.ts'
import type { Exit } from './target-process.ts'

/** The target of a run: one process, or several over one data folder. */
export class LiveTargets {
  readonly all: readonly LiveTarget[]
  /** Resolves when a process ends although neither the harness nor a fault ended it. */
  readonly died: Promise<Exit>

  /** One process for each environment mark. Marks differ, so that what belongs to one is never taken for another's. */
  constructor(marks: readonly string[], options: Omit<LiveTargetOptions, 'mark' | 'name'>) {
    this.all = marks.map((mark, place) => {
      const name = marks.length === 1 ? 'target' : `target${place}`
      return new LiveTarget({ ...options, mark, name })
    })
    this.died = Promise.race(this.all.map(({ died }) => died))
  }

  /** Of those that were started by this run, and run. */
  get pids(): number[] {
    return this.all.flatMap(({ pid }) => pid ?? [])
  }

  /** Starts them one after the other. Throws `ERR_TARGET_START` and `ERR_TARGET_NOT_READY`. */
  async launch(): Promise<void> {
    for (const target of this.all) await target.launch()
  }

  /** Before this moment of the run, nothing can come any more that was not recorded yet. */
  get watermarkMs(): number {
    return Math.min(...this.all.map(({ watermarkMs }) => watermarkMs))
  }

  /** Resolves when every restart that was asked for is done. Throws when a process does not come back. */
  async restarted(): Promise<void> {
    await Promise.all(this.all.map((target) => target.restarted()))
  }

  /** Gets what they have published so far, and counts what can be counted without disturbing them. */
  async glance(): Promise<Census> {
    return together(await Promise.all(this.all.map((target) => target.glance())))
  }

  /** Counts everything that is open in them. */
  async census(): Promise<Census> {
    return together(await Promise.all(this.all.map((target) => target.census())))
  }

  /** Stops them all, whatever becomes of each; what they leave behind is ended and recorded. */
  async stop(): Promise<void> {
    const stopped = await Promise.allSettled(this.all.map((target) => target.stop()))
    for (const result of stopped) if (result.status === 'rejected') throw result.reason
  }
}

function together(all: readonly Census[]): Census {
  return {
    counts: sumOfCounts(all.map(({ counts }) => counts)),
    blind: [...new Set(all.flatMap(({ blind }) => blind))],
    items: all.flatMap(({ items }) => items),
    descriptors: sumOfCounts(all.map(({ descriptors = {} }) => descriptors)),
  }
}
