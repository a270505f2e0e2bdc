import { readFile, writeFile } from 'node:fs/promises'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { type Bug, pause } from './bug.ts'

const path = '/srv/account.json'

async function deposit(amount: number): Promise<void> {
  const balance = Number(await readFile(path, 'utf8'))
  await writeFile(path, String(balance + amount))
}

/** Makes operations wait for each other. */
class Queue {
  #last: Promise<unknown> = Promise.resolve()

  run(operation: () => Promise<void>): Promise<void> {
    const done = this.#last.then(operation)
    this.#last = done
    return done
  }
}

async function twoDeposits(sim: Sim, run: (operation: () => Promise<void>) => Promise<void>): Promise<void> {
  sim.file(path, '0')
  const deposits = [1, 12].map(async (delayMs) => {
    await pause(delayMs)
    await run(() => deposit(10))
  })
  await Promise.all(deposits)
  const balance = sim.readFile(path).toString()
  if (balance !== '20') throw new Error(`after two deposits of 10 the balance is ${balance}`)
}

/** A file is read and written back in two steps, and somebody else writes in between. */
export const lostUpdate: Bug = {
  name: 'lost update on a file',
  defective: (sim) => twoDeposits(sim, (operation) => operation()),
  correct: (sim) => {
    const queue = new Queue()
    return twoDeposits(sim, (operation) => queue.run(operation))
  },
}
