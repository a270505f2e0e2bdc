import '../../../../harness/register.ts'
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  BroadcastChannel,
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  MessageChannel as ThreadsChannel,
} from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { sameInBothWorlds, thrownBy } from '../both-worlds.ts'

/** Node's own port, whose `close` takes a callback. */
type CallbackPort = MessagePort & { close(onClosed: () => void): void }

const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs))

/** Resolves with the next `count` messages of a port. */
function messages(port: MessagePort, count: number): Promise<unknown[]> {
  const heard: unknown[] = []
  return new Promise((resolve) => {
    port.on('message', (message) => {
      heard.push(message)
      if (heard.length === count) resolve(heard)
    })
  })
}

describe('a message channel', () => {
  it('delivers clones, in order, to every kind of listener', async () => {
    const heard = await sameInBothWorlds(async () => {
      const log: unknown[] = []
      const { port1, port2 } = new MessageChannel()
      const done = new Promise<void>((resolve) => {
        port2.on('message', (message) => log.push(['on', message]))
        port2.addEventListener('message', (event) => {
          const { data, ports, type } = event as MessageEvent
          log.push(['event', data, ports.length, type])
          if (data === 'last') resolve()
        })
      })
      const original: { nested: unknown[] } = { nested: [1, new Map([['a', 1n]])] }
      port1.postMessage(original)
      original.nested.push('later')
      port1.postMessage('last')
      await done
      port1.close()
      return log
    })
    expect(heard).toHaveLength(4)
  })

  it('keeps what nobody listens to, and delivers it to whoever comes', async () => {
    const heard = await sameInBothWorlds(async () => {
      const { port1, port2 } = new MessageChannel()
      port1.postMessage('early')
      await sleep(5)
      const heard = await new Promise((resolve) => port2.once('message', resolve))
      port2.close()
      return heard
    })
    expect(heard).toBe('early')
  })

  it('delivers each message with its ticks and promises', async () => {
    const order = await sameInBothWorlds(async () => {
      const log: string[] = []
      const { port1, port2 } = new MessageChannel()
      const done = new Promise<void>((resolve) => {
        port2.on('message', (message: string) => {
          log.push(message)
          process.nextTick(() => log.push(`tick of ${message}`))
          Promise.resolve().then(() => log.push(`promise of ${message}`))
          if (message === 'b') setImmediate(resolve)
        })
      })
      port1.once('message', () => {
        setImmediate(() => log.push('immediate'))
        port1.postMessage('a')
        port1.postMessage('b')
      })
      port2.postMessage('go')
      await done
      port1.close()
      return log
    })
    expect(order).toEqual(['a', 'tick of a', 'promise of a', 'b', 'tick of b', 'promise of b', 'immediate'])
  })

  it('delivers in the order in which the ports were made, before the immediates, in every schedule', async () => {
    const body = async () => {
      const log: string[] = []
      const [first, second] = [new MessageChannel(), new MessageChannel()]
      const done = new Promise<void>((resolve) => {
        first.port2.on('message', (message) => {
          log.push(`first ${message}`)
          if (message === 1) second.port1.postMessage('on the way')
        })
        second.port2.on('message', (message) => {
          log.push(`second ${message}`)
          if (message === 'on the way') first.port1.postMessage('next time')
        })
        first.port2.on('message', (message) => message === 'next time' && resolve())
      })
      setTimeout(() => {
        for (const message of [1, 2]) {
          second.port1.postMessage(message)
          first.port1.postMessage(message)
        }
        setImmediate(() => log.push('immediate'))
      }, 1)
      await done
      first.port1.close()
      second.port1.close()
      return log
    }
    const real = await body()
    expect(real).toEqual([
      'first 1',
      'first 2',
      'second 1',
      'second 2',
      'second on the way',
      'immediate',
      'first next time',
    ])
    for (let seed = 0; seed < 50; seed++) expect((await simulate(body, { seed })).value).toEqual(real)
  })

  it('moves ports and buffers', async () => {
    const result = await sameInBothWorlds(async () => {
      const [outer, inner] = [new MessageChannel(), new MessageChannel()]
      const buffer = new ArrayBuffer(8)
      inner.port2.postMessage('sent before the port moved')
      outer.port1.postMessage({ port: inner.port1, buffer }, [inner.port1, buffer])
      const [message] = (await messages(outer.port2, 1)) as [{ port: MessagePort; buffer: ArrayBuffer }]
      const answered = messages(inner.port2, 1)
      const before = messages(message.port, 1)
      message.port.postMessage('from the moved port')
      const heard = [await before, await answered]
      outer.port1.close()
      inner.port2.close()
      return { heard, left: buffer.byteLength, came: message.buffer.byteLength }
    })
    expect(result).toEqual({
      heard: [['sent before the port moved'], ['from the moved port']],
      left: 0,
      came: 8,
    })
  })

  it('moves ports by structuredClone', async () => {
    const heard = await sameInBothWorlds(async () => {
      const { port1, port2 } = new MessageChannel()
      port2.postMessage('before')
      const moved = structuredClone(port1 as never, { transfer: [port1 as never] }) as MessagePort
      const both = messages(moved, 2)
      port2.postMessage('after')
      const heard = await both
      moved.close()
      return heard
    })
    expect(heard).toEqual(['before', 'after'])
  })

  it('tells an event which ports came along', async () => {
    const same = await sameInBothWorlds(async () => {
      const [outer, inner] = [new MessageChannel(), new MessageChannel()]
      outer.port1.postMessage({ port: inner.port1 }, { transfer: [inner.port1] } as never)
      const event = await new Promise<MessageEvent>((resolve) => {
        outer.port2.addEventListener('message', (heard) => resolve(heard as MessageEvent))
      })
      outer.port1.close()
      inner.port2.close()
      return [event.ports.length, event.ports[0] === event.data.port, event.constructor.name]
    })
    expect(same).toEqual([1, true, 'MessageEvent'])
  })

  it('refuses what the real one refuses, with its errors', async () => {
    const thrown = await sameInBothWorlds(async () => {
      const { port1, port2 } = new MessageChannel()
      const calls: (() => unknown)[] = [
        () => port1.postMessage(() => {}),
        () => (port1.postMessage as () => void)(),
        () => port1.postMessage(1, [port1]),
        () => port1.postMessage(1, [{}] as never),
        () => port1.postMessage(1, 5 as never),
        () => port1.postMessage(Symbol('x')),
        () => receiveMessageOnPort({} as never),
        () => new (BroadcastChannel as never as new () => unknown)(),
      ]
      const thrown = await Promise.all(calls.map(thrownBy))
      port2.close()
      return thrown
    })
    expect(thrown.every((error) => error !== undefined)).toBe(true)
  })

  it('closes on both sides after what was posted before', async () => {
    const log = await sameInBothWorlds(async () => {
      const log: string[] = []
      const { port1, port2 } = new MessageChannel()
      const done = new Promise<void>((resolve) => port2.on('close', () => resolve()))
      port1.on('close', () => log.push('close 1'))
      port2.on('message', (message) => log.push(message))
      port2.on('close', () => log.push('close 2'))
      port1.postMessage('a')
      ;(port1 as CallbackPort).close(() => log.push('callback'))
      port1.postMessage('lost')
      await done
      port2.postMessage('lost too')
      return log.sort()
    })
    expect(log).toEqual(['a', 'callback', 'close 1', 'close 2'])
  })

  it('closes on the other side even when nobody listens there', async () => {
    const closed = await sameInBothWorlds(async () => {
      const { port1, port2 } = new MessageChannel()
      const closed = new Promise((resolve) => port2.once('close', () => resolve('closed')))
      port1.close()
      const keepsAlive = setTimeout(() => {}, 1000)
      const answer = await closed
      clearTimeout(keepsAlive)
      return answer
    })
    expect(closed).toBe('closed')
  })

  it('is read without waiting by receiveMessageOnPort, whose messages come once', async () => {
    const taken = await sameInBothWorlds(async () => {
      const { port1, port2 } = new MessageChannel()
      for (const message of [1, 2, 3]) port1.postMessage(message)
      const taken = [receiveMessageOnPort(port2), receiveMessageOnPort(port2)]
      const rest = await messages(port2, 1)
      const none = receiveMessageOnPort(port2)
      port1.close()
      return { taken, rest, none }
    })
    expect(taken).toEqual({ taken: [{ message: 1 }, { message: 2 }], rest: [3], none: undefined })
  })

  it('has no event for what was read without waiting', async () => {
    const { choices } = await simulate(async () => {
      const { port1, port2 } = new MessageChannel()
      for (const message of [1, 2, 3]) port1.postMessage(message)
      receiveMessageOnPort(port2)
      receiveMessageOnPort(port2)
      await messages(port2, 1)
      await sleep(5)
      port1.unref()
    })
    expect(choices.filter((key) => key.startsWith('port#2/'))).toEqual(['port#2/2'])
  })

  it('is the same from the global object and from node:worker_threads', () => {
    expect(globalThis.MessageChannel).toBe(ThreadsChannel)
    expect(new MessageChannel().port1).toBeInstanceOf(globalThis.MessagePort)
    expect(new MessageChannel()).toBeInstanceOf(MessageChannel)
  })

  it('runs its handlers in the async context in which it was made', async () => {
    const store = new AsyncLocalStorage<string>()
    const seen = await sameInBothWorlds(async () => {
      const { port1, port2 } = store.run('maker', () => new MessageChannel())
      const seen = new Promise((resolve) => port2.on('message', () => resolve(store.getStore())))
      store.run('sender', () => port1.postMessage(1))
      const store2 = await seen
      port1.close()
      return store2
    })
    expect(seen).toBe('maker')
  })

  it('keeps the schedule going while somebody listens, and is a leftover then', async () => {
    const listening = await simulate(async () => {
      const { port2 } = new MessageChannel()
      port2.on('message', () => {})
    })
    expect(listening.leftovers).toMatchObject([{ kind: 'port', what: 'port#2, connected to port#1', node: 'main' }])
    const unreferenced = await simulate(async () => {
      const { port2 } = new MessageChannel()
      port2.on('message', () => {})
      port2.unref()
    })
    expect(unreferenced.leftovers).toEqual([])
  })

  it('does not speak outside of the schedule that made it', async () => {
    const heard: unknown[] = []
    let kept: MessagePort | undefined
    await simulate(async () => {
      const { port1, port2 } = new MessageChannel()
      kept = port1
      port2.on('message', (message) => heard.push(message))
      port2.on('close', () => heard.push('close'))
    })
    kept?.postMessage('too late')
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    expect(heard).toEqual([])
  })

  it('connects processes, whose messages keep their order and nothing else', async () => {
    const program = async (sim: Sim) => {
      const { port1, port2 } = new MessageChannel()
      const log: string[] = []
      await sim.process('a', () => {
        port1.on('message', (message) => log.push(`a:${message}`))
        for (const message of [1, 2]) port1.postMessage(message)
      })
      const heard = await sim.process('b', async () => {
        const heard = await messages(port2, 2)
        port2.postMessage('thanks')
        return heard
      })
      await sleep(100)
      port1.close()
      return { heard, log }
    }
    for (let seed = 0; seed < 30; seed++) {
      const { value, findings, leftovers } = await simulate(program, { seed })
      expect({ value, findings, leftovers }).toEqual({
        value: { heard: [1, 2], log: ['a:thanks'] },
        findings: [],
        leftovers: [],
      })
    }
  })

  it('goes the same way for the same seed', async () => {
    const program = async () => {
      const channels = [new MessageChannel(), new MessageChannel()]
      const log: unknown[] = []
      for (const [number, { port1, port2 }] of channels.entries()) {
        port2.on('message', (message) => log.push(message))
        setTimeout(() => port1.postMessage(`${number}:timer`), 2)
        setImmediate(() => port1.postMessage(`${number}:immediate`))
      }
      await sleep(10)
      for (const { port1 } of channels) port1.close()
      return log
    }
    const first = await simulate(program, { seed: 5 })
    for (let repeat = 0; repeat < 20; repeat++) {
      const { hash, value } = await simulate(program, { seed: 5 })
      expect({ hash, value }).toEqual({ hash: first.hash, value: first.value })
    }
  })
})

describe('a broadcast channel', () => {
  it('reaches all others of its name, and not itself', async () => {
    const heard = await sameInBothWorlds(async () => {
      const log: string[] = []
      const channels = ['news', 'news', 'news', 'other'].map((name) => new BroadcastChannel(name))
      for (const [number, channel] of channels.entries()) {
        channel.onmessage = (event) => log.push(`${number} ${(event as MessageEvent).data}`)
      }
      channels[0]?.postMessage('hello')
      channels[0]?.postMessage('again')
      await sleep(20)
      for (const channel of channels) channel.close()
      return { log: log.sort(), names: channels.map(({ name }) => name) }
    })
    expect(heard.log).toEqual(['1 again', '1 hello', '2 again', '2 hello'])
    expect(heard.names).toEqual(['news', 'news', 'news', 'other'])
  })

  it('says that it is closed as the real one does', async () => {
    const thrown = await sameInBothWorlds(async () => {
      const channel = new BroadcastChannel('news')
      channel.close()
      return thrownBy(() => channel.postMessage('late'))
    })
    expect(thrown).toMatchObject({ name: 'InvalidStateError' })
  })

  it('does not reach the channels of the process around', async () => {
    const outside = new BroadcastChannel('news')
    const heard: unknown[] = []
    outside.onmessage = (event) => heard.push(event)
    const { leftovers } = await simulate(() => {
      new BroadcastChannel('news').postMessage('inside')
    })
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    outside.close()
    expect(heard).toEqual([])
    expect(leftovers).toMatchObject([{ kind: 'port', what: 'broadcast#1' }])
  })
})
