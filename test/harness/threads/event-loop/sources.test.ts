import type { MessagePort } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { exploreThreads, ThreadFailure } from '../../../../harness/threads/explore-threads.ts'
import type { StrategyName } from '../../../../harness/threads/strategy/strategies.ts'
import type { ThreadFunction } from '../../../../harness/threads/thread-program.ts'

type Ends = readonly [MessagePort, MessagePort]

interface Shared {
  readonly a: Ends
  readonly b: Ends
  readonly words: Int32Array
}

function channel(): Ends {
  const { port1, port2 } = new MessageChannel()
  return [port1, port2] as unknown as Ends
}

const setup = (): Shared => ({ a: channel(), b: channel(), words: new Int32Array(new SharedArrayBuffer(8)) })

/** Hears so many messages of both channels, and does something in between. */
function hearing(count: number, between: (shared: Shared) => unknown = () => {}): ThreadFunction<Shared> {
  return (shared) =>
    new Promise((resolve) => {
      const heard: unknown[] = []
      const hear = (message: unknown) => {
        between(shared)
        if (heard.push(message) === count) resolve(heard.join(' '))
      }
      for (const [, port] of [shared.a, shared.b]) port.on('message', hear)
    })
}

/** What the last thread has returned, in all orders that there are. */
async function orders(
  threads: readonly ThreadFunction<Shared>[],
  { prepare = (shared: Shared) => shared, strategy = 'exhaustive' as StrategyName } = {},
): Promise<unknown[]> {
  const program = { setup: () => prepare(setup()), threads }
  const { outcomes } = await exploreThreads(program, { strategy, schedules: 2_000 })
  return [...new Set(outcomes.map((outcome) => outcome.at(-1)))].sort()
}

const post = ({ a, b }: Shared, ...messages: string[]) => {
  for (const message of messages) (message.startsWith('a') ? a : b)[0].postMessage(message)
}

describe('an event loop with several sources', () => {
  it('hears of messages of different ports in any order, whichever came first', async () => {
    const sender: ThreadFunction<Shared> = (shared) => post(shared, 'a1', 'b1')
    expect(await orders([sender, hearing(2)])).toEqual(['a1 b1', 'b1 a1'])
    expect(await orders([sender, hearing(2)], { strategy: 'random' })).toEqual(['a1 b1', 'b1 a1'])
  })

  it('empties a port before it looks at another, as Node does', async () => {
    const prepare = (shared: Shared) => {
      post(shared, 'a1', 'a2', 'b1')
      return shared
    }
    expect(await orders([hearing(3)], { prepare })).toEqual(['a1 a2 b1', 'b1 a1 a2'])
  })

  it('leaves a port for another when the rest comes later', async () => {
    const sender: ThreadFunction<Shared> = (shared) => post(shared, 'a1', 'b1', 'a2')
    expect(await orders([sender, hearing(3)])).toEqual(['a1 a2 b1', 'a1 b1 a2', 'b1 a1 a2'])
  })

  it('wakes a task before or after a message, whichever was called first', async () => {
    const caller: ThreadFunction<Shared> = (shared) => {
      Atomics.notify(shared.words, 0)
      post(shared, 'a1')
    }
    const sleeper: ThreadFunction<Shared> = async (shared) => {
      const heard: string[] = []
      const both = [
        Promise.resolve(Atomics.waitAsync(shared.words, 0, 0, 50).value).then((how) => heard.push(`task ${how}`)),
        new Promise<void>((resolve) => shared.a[1].on('message', () => resolve(void heard.push('message')))),
      ]
      await Promise.all(both)
      return heard.join(', ')
    }
    const heard = await orders([caller, sleeper])
    expect(heard).toEqual([
      'message, task ok',
      'message, task timed-out',
      'task ok, message',
      'task timed-out, message',
    ])
  })

  it('wakes tasks in the order of their calls, and together, as the real one does', async () => {
    const callAll = async ({ words }: Shared): Promise<string> => {
      const heard: string[] = []
      const task = async (index: number) => {
        heard.push(`${index} ${await Atomics.waitAsync(words, index, 0).value}`)
        await null
        heard.push(`${index} goes on`)
      }
      const tasks = [0, 1].map(task)
      for (const index of [1, 0]) Atomics.notify(words, index)
      await Promise.all(tasks)
      return heard.join(', ')
    }
    expect(await orders([callAll])).toEqual([await callAll(setup())])
  })

  it('wakes tasks in the order of their calls also when others make them', async () => {
    const call =
      (index: number): ThreadFunction<Shared> =>
      ({ words }) => {
        while (Atomics.notify(words, index) === 0) Atomics.load(words, index)
      }
    const sleepers: ThreadFunction<Shared> = async ({ words }) => {
      const heard: number[] = []
      const tasks = [0, 1].map(async (index) => {
        await Atomics.waitAsync(words, index, 0).value
        heard.push(index)
      })
      await Promise.all(tasks)
      return heard.join(' ')
    }
    expect(await orders([call(0), call(1), sleepers], { strategy: 'random' })).toEqual(['0 1', '1 0'])
    const inTurn: ThreadFunction<Shared> = (shared) => {
      for (const index of [1, 0]) while (Atomics.notify(shared.words, index) === 0) Atomics.load(shared.words, index)
    }
    expect(await orders([inTurn, sleepers], { strategy: 'random' })).toEqual(['1 0'])
  })

  it('is replayed by the choices of its failure, and told without steps of its own', async () => {
    const threads = [(shared: Shared) => post(shared, 'a1', 'b1'), hearing(2)]
    const program = {
      setup,
      threads,
      final: (_: Shared, [, heard]: readonly unknown[]) => expect(heard).toBe('a1 b1'),
    }
    const failureOf = async (replay?: string) =>
      (await exploreThreads(program, replay === undefined ? {} : { replay }).catch(
        (thrown: unknown) => thrown,
      )) as ThreadFailure
    const failure = await failureOf()
    expect(failure).toBeInstanceOf(ThreadFailure)
    expect(failure.steps.map(({ thread }) => thread)).toEqual([0, 0, 1, 1])
    expect((await failureOf(failure.replay)).message.split('\n').slice(3)).toEqual(failure.message.split('\n').slice(3))
  })
})
