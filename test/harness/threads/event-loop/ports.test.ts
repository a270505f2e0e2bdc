import { once } from 'node:events'
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { exploreThreads, ThreadFailure } from '../../../../harness/threads/explore-threads.ts'
import type { ThreadFunction } from '../../../../harness/threads/thread-program.ts'

interface Ports {
  readonly one: MessagePort
  readonly other: MessagePort
  readonly memory: Int32Array
}

function setup(): Ports {
  const { port1, port2 } = new MessageChannel()
  const memory = new Int32Array(new SharedArrayBuffer(8))
  return { one: port1 as unknown as MessagePort, other: port2 as unknown as MessagePort, memory }
}

async function outcomesOf(...threads: ThreadFunction<Ports>[]): Promise<string[]> {
  const { exhausted, outcomes } = await exploreThreads({ setup, threads }, { strategy: 'exhaustive' })
  expect(exhausted).toBe(true)
  return outcomes.map((outcome) => JSON.stringify(outcome)).sort()
}

/** Posts two messages, and hears of them as a listener does; the same on real ports and on those of threads. */
async function conversation({ one, other }: Ports): Promise<unknown[]> {
  const seen: unknown[] = []
  const value = { list: [1n, undefined, new Date(0)], map: new Map([['a', { deep: true }]]) }
  one.postMessage(value)
  value.list.length = 0
  one.postMessage('second')
  seen.push(receiveMessageOnPort(one))
  other.on('message', (message) => seen.push(message))
  one.postMessage('third')
  one.close()
  await once({ once: other.once.bind(other), on: other.on.bind(other) } as unknown as NodeJS.EventEmitter, 'close')
  return seen
}

describe('a message channel between threads', () => {
  it('clones, keeps the order and closes as a real one does', async () => {
    let inThread: unknown
    await exploreThreads({
      setup,
      threads: [conversation],
      final: (_, [seen]) => {
        inThread = seen
      },
    })
    expect(inThread).toEqual(await conversation(setup()))
  })

  it('delivers at any time between two operations of the receiver', async () => {
    const seen = await outcomesOf(
      ({ one }) => one.postMessage(1),
      ({ other }) => [receiveMessageOnPort(other)?.message ?? 0, receiveMessageOnPort(other)?.message ?? 0],
    )
    expect(seen).toEqual(['[null,[0,0]]', '[null,[0,1]]', '[null,[1,0]]'])
  })

  it('shares the memory that a message names', async () => {
    const seen = await outcomesOf(
      ({ one, memory }) => {
        one.postMessage(memory)
        return Atomics.wait(memory, 0, 0)
      },
      async ({ other }) => {
        other.on('message', (memory: Int32Array) => {
          Atomics.store(memory, 0, 1)
          Atomics.notify(memory, 0)
        })
      },
    )
    expect(seen).toEqual(['["not-equal",null]', '["ok",null]'])
  })

  it('shows that two senders come in either order', async () => {
    const seen = await outcomesOf(
      ({ one }) => one.postMessage('a'),
      ({ one }) => one.postMessage('b'),
      ({ other }) =>
        new Promise((resolve) => {
          const heard: unknown[] = []
          other.on('message', (message) => {
            if (heard.push(message) === 2) resolve(heard)
          })
        }),
    )
    expect(seen).toEqual(['[null,null,["a","b"]]', '[null,null,["b","a"]]'])
  })

  it('names a thread that waits for a message which never comes', async () => {
    const listener: ThreadFunction<Ports> = ({ other }) => new Promise((resolve) => other.on('message', resolve))
    const failure = await exploreThreads({ setup, threads: [listener] }).catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(ThreadFailure)
    expect((failure as ThreadFailure).message).toContain('thread 0 sleeps for ever, nobody calls it')
  })
})
