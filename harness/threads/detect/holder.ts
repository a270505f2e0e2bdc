/** Who takes locks: a thread, or one of the async tasks of its event loop, by the owner that its locks name. */
export interface Holder {
  readonly thread: number
  /** Left out for a thread that is its own only task. */
  readonly task?: string | undefined
}

export function keyOf({ thread, task }: Holder): string {
  return task === undefined ? `${thread}` : `${thread} ${task}`
}

export function areSame(one: Holder, other: Holder): boolean {
  return one.thread === other.thread && one.task === other.task
}
