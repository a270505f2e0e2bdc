import type { ThreadBody } from '../../../../harness/threads/replay-fibers.ts'
import { type Program, promise, times } from '../program.ts'

/** The checker's formula is wrong, which shows only when it runs after both clients. */
const account: Program = {
  name: 'CS/account',
  words: 3,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    const [balance, deposited, withdrawn] = [0, 1, 2]
    memory[balance] = 1
    const change =
      (amount: number, done: number): ThreadBody =>
      (thread) => {
        thread.lock(mutex!)
        thread.store(memory, balance, thread.load(memory, balance) + amount)
        thread.store(memory, done, 1)
        thread.unlock(mutex!)
      }
    const checker: ThreadBody = (thread) => {
      thread.lock(mutex!)
      if (thread.load(memory, deposited) === 1 && thread.load(memory, withdrawn) === 1) {
        promise(thread.load(memory, balance) === 1 - 2 - 4, 'the balance is what was put in and taken out')
      }
      thread.unlock(mutex!)
    }
    return { threads: [checker, change(2, deposited), change(-4, withdrawn)] }
  },
}

/** A third thread does not expect both of the others to be through already. */
const lazy: Program = {
  name: 'CS/lazy01',
  words: 1,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    const add =
      (amount: number): ThreadBody =>
      (thread) => {
        thread.lock(mutex!)
        thread.store(memory, 0, thread.load(memory, 0) + amount)
        thread.unlock(mutex!)
      }
    const checker: ThreadBody = (thread) => {
      thread.lock(mutex!)
      promise(thread.load(memory, 0) < 3, 'the sum has not been reached yet')
      thread.unlock(mutex!)
    }
    return { threads: [add(1), add(2), checker] }
  },
}

/** One thread guards the counter with one lock, the others with another. */
function wronglock(name: string, others: number): Program {
  return {
    name: `CS/${name}`,
    words: 1,
    mutexes: 2,
    start: ({ memory, mutexes: [right, wrong] }) => ({
      threads: [
        (thread) => {
          thread.lock(right!)
          const before = thread.load(memory, 0)
          thread.store(memory, 0, thread.load(memory, 0) + 1)
          promise(thread.load(memory, 0) === before + 1, 'nobody else changes the counter meanwhile')
          thread.unlock(right!)
        },
        ...times(others, (thread) => {
          thread.lock(wrong!)
          thread.store(memory, 0, thread.load(memory, 0) + 1)
          thread.unlock(wrong!)
        }),
      ],
    }),
  }
}

/** Three values are passed on in a ring; only one order of the three steps makes them equal. */
const tokenRing: Program = {
  name: 'CS/token_ring',
  words: 6,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    memory.set([1, 2, 1])
    const step =
      (target: number, source: number, added: number): ThreadBody =>
      (thread) => {
        thread.lock(mutex!)
        thread.store(memory, target, (thread.load(memory, source) + added) % 4)
        thread.store(memory, 3 + target, 1)
        thread.unlock(mutex!)
      }
    const checker: ThreadBody = (thread) => {
      thread.lock(mutex!)
      if ([3, 4, 5].every((flag) => thread.load(memory, flag) === 1)) {
        const [one, two, three] = [0, 1, 2].map((at) => thread.load(memory, at))
        promise(one === two && two === three, 'the token has gone round')
      }
      thread.unlock(mutex!)
    }
    return { threads: [step(0, 2, 1), step(1, 0, 0), step(2, 1, 0), checker] }
  },
}

export const programs: readonly Program[] = [
  account,
  lazy,
  wronglock('wronglock', 7),
  wronglock('wronglock_3', 3),
  tokenRing,
]
