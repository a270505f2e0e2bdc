import { stat } from 'node:fs/promises'
import { type Bug, pause } from './bug.ts'

class Lock {
  #isHeld = false
  readonly #waiting: (() => void)[] = []

  async acquire(): Promise<void> {
    if (this.#isHeld) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    this.#waiting.shift()?.()
  }
}

/** Takes both locks, in the order in which they are given, with some work after each. */
async function withBoth(first: Lock, second: Lock): Promise<void> {
  await first.acquire()
  await work()
  await second.acquire()
  await work()
  second.release()
  first.release()
}

async function work(): Promise<void> {
  await stat('/nowhere').catch(() => {})
}

async function twoTransfers(isOrdered: boolean): Promise<void> {
  const [one, other] = [new Lock(), new Lock()]
  const transfer = async (delayMs: number, from: Lock, to: Lock) => {
    await pause(delayMs)
    await (isOrdered ? withBoth(one, other) : withBoth(from, to))
  }
  await Promise.all([transfer(1, one, other), transfer(6, other, one)])
}

/** Two operations take the same two locks in opposite orders, and wait for each other for ever. */
export const twoLocks: Bug = {
  name: 'deadlock by two locks',
  defective: () => twoTransfers(false),
  correct: () => twoTransfers(true),
}
