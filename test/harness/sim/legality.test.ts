import '../../../harness/register.ts'
import { lookup } from 'node:dns'
import { connect, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Sim } from '../../../harness/sim/sim.ts'
import { type SimulateOptions, simulate } from '../../../harness/sim/simulate.ts'
import { listening } from './programs.ts'

type Log = (entry: string) => void

/** Every order in which a program's entries come out, over many seeds, each written as `a b c`. */
async function orders(
  run: (log: Log, sim: Sim) => void | Promise<void>,
  { seeds = 300, ...options }: SimulateOptions & { seeds?: number } = {},
): Promise<Set<string>> {
  const seen = new Set<string>()
  for (let seed = 0; seed < seeds; seed++) {
    const log: string[] = []
    const { findings } = await simulate((sim) => run((entry) => log.push(entry), sim), { seed, ...options })
    expect(findings).toEqual([])
    seen.add(log.join(' '))
  }
  return seen
}

/** Starts something as the callback of an input, which is where most of a server's code runs. */
const fromInput = (run: () => void) => lookup('localhost', run)

describe('timers', () => {
  it('of one duration fire in the order in which they were set', async () => {
    const seen = await orders(
      (log) => {
        for (const name of ['a', 'b', 'c']) setTimeout(() => log(name), 5)
      },
      { cpuMs: 20 },
    )
    expect(seen).toEqual(new Set(['a b c']))
  })

  it('never fire before they are due', async () => {
    for (let seed = 0; seed < 200; seed++) {
      const { value } = await simulate(
        async () => {
          const late: number[] = []
          const waits = [1, 7, 3, 20].map((delayMs) => {
            const startMs = Date.now()
            return new Promise<void>((resolve) =>
              setTimeout(() => {
                late.push(Date.now() - startMs - delayMs)
                resolve()
              }, delayMs),
            )
          })
          await Promise.all(waits)
          return Math.min(...late)
        },
        { seed, cpuMs: 10 },
      )
      expect(value).toBeGreaterThanOrEqual(0)
    }
  })

  it('of different durations may swap only when the loop is late', async () => {
    const program = (log: Log) => {
      setTimeout(() => log('3'), 3)
      setTimeout(() => log('2'), 2)
    }
    expect(await orders(program)).toEqual(new Set(['2 3']))
  })

  it('of thirty seconds never beat what is on the wire', async () => {
    const seen = await orders(
      async (log) => {
        const server = createServer((socket) => socket.end('bytes'))
        await listening(server, 7000)
        setTimeout(() => log('timer'), 30_000)
        await new Promise<void>((resolve) => {
          connect(7000, '127.0.0.1').on('data', () => {
            log('bytes')
            resolve()
          })
        })
        server.close()
      },
      { settleMs: 60_000 },
    )
    expect(seen).toEqual(new Set(['bytes timer']))
  })
})

describe('the phases of the loop', () => {
  it('run an immediate before a timer when both are set by an input', async () => {
    const seen = await orders(
      (log) =>
        fromInput(() => {
          setTimeout(() => log('timer'), 0)
          setImmediate(() => log('immediate'))
        }) as never,
    )
    expect(seen).toEqual(new Set(['immediate timer']))
  })

  it('leave the order of an immediate and a due timer open at the start of a process', async () => {
    const seen = await orders(
      (log) => {
        setTimeout(() => log('timer'), 0)
        setImmediate(() => log('immediate'))
      },
      { cpuMs: 4 },
    )
    expect(seen).toEqual(new Set(['immediate timer', 'timer immediate']))
  })

  it('run the immediates of one turn as one batch, and what they add in the next turn', async () => {
    const seen = await orders(
      (log) =>
        fromInput(() => {
          setImmediate(() => {
            log('a')
            setImmediate(() => log('added'))
            process.nextTick(() => log('tick'))
          })
          setImmediate(() => log('b'))
        }) as never,
    )
    expect(seen).toEqual(new Set(['a tick b added']))
  })

  it('run an input that began later only after the immediates', async () => {
    const seen = await orders(
      (log) =>
        fromInput(() => {
          setImmediate(() => log('immediate'))
          lookup('localhost', () => log('input'))
        }) as never,
    )
    expect(seen).toEqual(new Set(['immediate input']))
  })

  it('let two inputs end in either order', async () => {
    const seen = await orders((log) => {
      lookup('localhost', () => log('a'))
      lookup('localhost', () => log('b'))
    })
    expect(seen).toEqual(new Set(['a b', 'b a']))
  })

  it('run close callbacks after the immediates and before the timers', async () => {
    const seen = await orders(
      (log) =>
        fromInput(() => {
          const server = createServer().listen(7000, '127.0.0.1', () => {
            setTimeout(() => log('timer'), 0)
            server.close(() => log('server'))
            setImmediate(() => log('immediate'))
          })
          const socket = connect(7000, '127.0.0.1').on('close', () => log('close'))
          socket.on('error', () => {})
          process.nextTick(() => {
            socket.destroy()
            setImmediate(() => log('early'))
          })
        }) as never,
    )
    for (const order of seen) {
      expect(order.indexOf('early')).toBeLessThan(order.indexOf('close'))
      expect(order.indexOf('close')).toBeLessThan(order.indexOf('timer'))
    }
  })

  it('run ticks before promises, and both before the next callback', async () => {
    const seen = await orders((log) => {
      setImmediate(() => {
        Promise.resolve().then(() => log('promise'))
        process.nextTick(() => log('tick'))
        log('callback')
      })
      setImmediate(() => log('next'))
    })
    expect(seen).toEqual(new Set(['callback tick promise next']))
  })
})

describe('a connection', () => {
  /** A server and a client in two processes; every event of both sockets is logged with the side's name. */
  const talk =
    (onServer: (socket: Socket) => void, onClient: (socket: Socket) => void) => async (log: Log, sim: Sim) => {
      const watch = (side: string, socket: Socket) => {
        for (const event of ['connect', 'end', 'close'] as const) socket.on(event, () => log(`${side}:${event}`))
        socket.on('data', (bytes) => log(`${side}:${bytes}`))
        socket.on('error', (error: NodeJS.ErrnoException) => log(`${side}:${error.code}`))
      }
      const server = createServer((socket) => {
        log('s:connect')
        watch('s', socket)
        onServer(socket)
      })
      await sim.process('server', () => listening(server, 7000))
      await sim.process('client', () => {
        const socket = connect(7000, '127.0.0.1')
        watch('c', socket)
        onClient(socket)
        return new Promise<void>((resolve) => socket.on('close', () => resolve()))
      })
      await new Promise<void>((resolve) => server.close(() => resolve()))
    }
  const isBefore = (order: string, first: string, second: string) => {
    const [one, other] = [order.split(' ').indexOf(first), order.split(' ').indexOf(second)]
    return one >= 0 && (other < 0 || one < other)
  }

  it('comes before its bytes, its bytes before its end, its end before its close', async () => {
    const seen = await orders(
      talk(
        (socket) => socket.end('bye'),
        (socket) => socket.write('hello'),
      ),
    )
    expect(seen.size).toBeGreaterThan(5)
    for (const order of seen) {
      expect(isBefore(order, 'c:connect', 'c:bye')).toBe(true)
      expect(isBefore(order, 's:connect', 's:hello')).toBe(true)
      expect(isBefore(order, 'c:bye', 'c:end')).toBe(true)
      expect(isBefore(order, 'c:end', 'c:close')).toBe(true)
      expect(isBefore(order, 's:hello', 's:end')).toBe(true)
    }
  })

  it('delivers bytes in the order in which they were written', async () => {
    const seen = await orders(
      talk(
        (socket) => socket.resume(),
        (socket) => {
          for (const part of ['1', '2', '3']) socket.write(part)
          socket.end()
        },
      ),
    )
    for (const order of seen) expect(order.replace(/[^123]/g, '')).toBe('123')
  })

  it('delivers nothing after it was destroyed', async () => {
    const seen = await orders(
      talk(
        (socket) => {
          socket.write('a')
          setTimeout(() => socket.write('b'), 1)
        },
        (socket) => socket.once('data', () => socket.destroy()),
      ),
    )
    for (const order of seen) expect(isBefore(order, 'c:close', 'c:b') || !order.includes('c:b')).toBe(true)
    for (const order of seen) expect(order.slice(order.indexOf('c:close'))).not.toMatch(/c:[ab]/)
  })

  it('may lose bytes that were on their way to a reset, and ends in an error then', async () => {
    const seen = await orders(
      talk(
        (socket) => {
          socket.write('lost?')
          socket.resetAndDestroy()
        },
        () => {},
      ),
    )
    expect([...seen].some((order) => order.includes('c:lost?'))).toBe(true)
    expect([...seen].some((order) => !order.includes('c:lost?'))).toBe(true)
    for (const order of seen) expect(isBefore(order, 'c:ECONNRESET', 'c:close')).toBe(true)
  })

  it('between two sockets of one process is read in one piece, whatever was written in one go', async () => {
    const seen = await orders(async (log) => {
      const server = createServer((socket) => socket.on('data', (bytes) => log(String(bytes))))
      await listening(server, 7000)
      const socket = connect(7000, '127.0.0.1', () => {
        socket.write('1')
        socket.write('2')
        socket.end()
      })
      await new Promise<void>((resolve) => socket.on('close', () => resolve()))
      await new Promise<void>((resolve) => server.close(() => resolve()))
    })
    expect(seen).toEqual(new Set(['12']))
  })

  it('is independent of other connections', async () => {
    const seen = await orders(async (log, sim) => {
      const server = createServer((socket) => socket.on('data', (bytes) => log(String(bytes))))
      await sim.process('server', () => listening(server, 7000))
      const client = (name: string) =>
        sim.process(name, () => {
          const socket = connect(7000, '127.0.0.1')
          socket.end(name)
          return new Promise<void>((resolve) => socket.on('close', () => resolve()))
        })
      await Promise.all([client('a'), client('b')])
      await new Promise<void>((resolve) => server.close(() => resolve()))
    })
    expect(seen).toEqual(new Set(['a b', 'b a']))
  })
})
