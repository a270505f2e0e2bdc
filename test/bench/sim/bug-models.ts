/** Something that takes time and ends in any order with others: what fast-check schedules, and an event of ours. */
export type Step = (what: string) => Promise<void>

/** A small asynchronous program with a race; it throws, or never ends, in some orders of its steps. */
export interface BugModel {
  readonly name: string
  run(step: Step): Promise<void>
}

/** The six bugs of `test/harness/sim/bugs`, with steps instead of files, timers and processes. */
export const bugModels: readonly BugModel[] = [
  { name: 'double load', run: doubleLoad },
  { name: 'teardown against a second client', run: hastyTeardown },
  { name: 'exit before the output is drained', run: undrainedOutput },
  { name: 'lost update', run: lostUpdate },
  { name: 'one event starves behind a chain', run: starvedAnswer },
  { name: 'deadlock by two locks', run: twoLocks },
]

/** Sixteen steps that have nothing to do with the bug, as other requests have. */
async function others(step: Step): Promise<void> {
  const chain = async (name: string) => {
    for (let turn = 0; turn < 8; turn++) await step(`${name} ${turn}`)
  }
  await Promise.all([chain('a'), chain('b')])
}

async function doubleLoad(step: Step): Promise<void> {
  let loaded = false
  let loads = 0
  const read = async (name: string, steps: number) => {
    for (let turn = 0; turn < steps; turn++) await step(`${name} comes`)
    if (loaded) return
    loads++
    await step(`${name} loads`)
    loaded = true
  }
  await Promise.all([others(step), read('first', 1), read('second', 4)])
  expectThat(loads === 1, 'loaded twice')
}

async function hastyTeardown(step: Step): Promise<void> {
  const watchers = new Set(['first'])
  let isOpen = true
  const leave = async () => {
    await step('first leaves')
    watchers.delete('first')
    if (watchers.size > 0) return
    await step('audit')
    isOpen = false
  }
  const join = async () => {
    for (let turn = 0; turn < 5; turn++) await step('second comes')
    if (isOpen) watchers.add('second')
  }
  await Promise.all([others(step), leave(), join()])
  expectThat(isOpen || watchers.size === 0, 'closed under a watcher')
}

async function undrainedOutput(step: Step): Promise<void> {
  let lines = 0
  const output = async () => {
    for (let line = 0; line < 3; line++) {
      await step('line')
      lines++
    }
  }
  const exit = async () => {
    for (let turn = 0; turn < 4; turn++) await step('exit')
    expectThat(lines === 3, 'output was lost')
  }
  await Promise.all([others(step), output(), exit()])
}

async function lostUpdate(step: Step): Promise<void> {
  let balance = 0
  const deposit = async (name: string, steps: number) => {
    for (let turn = 0; turn < steps; turn++) await step(`${name} comes`)
    const read = balance
    await step(`${name} waits`)
    balance = read + 10
  }
  await Promise.all([others(step), deposit('first', 1), deposit('second', 5)])
  expectThat(balance === 20, 'a deposit was lost')
}

async function starvedAnswer(step: Step): Promise<void> {
  let isAnswered = false
  const answer = step('answer').then(() => {
    isAnswered = true
  })
  for (let turn = 0; turn < 12; turn++) await step(`poll ${turn}`)
  expectThat(isAnswered, 'the answer was given up')
  await answer
}

async function twoLocks(step: Step): Promise<void> {
  const held = new Set<string>()
  const both = async (name: string, steps: number, first: string, second: string) => {
    for (let turn = 0; turn < steps; turn++) await step(`${name} comes`)
    if (held.has(first)) return
    held.add(first)
    await step(`${name} works`)
    expectThat(!held.has(second), 'each waits for the other')
    held.delete(first)
  }
  await Promise.all([others(step), both('one', 1, 'x', 'y'), both('other', 4, 'y', 'x')])
}

function expectThat(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise)
}
