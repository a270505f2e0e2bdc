import '../../../../harness/register.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { thrownBy } from '../both-worlds.ts'
import { listening } from '../programs.ts'

const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs))
const forever = () => new Promise<void>(() => {})

/** What becomes of a client's connection. */
function fateOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
    socket.on('end', () => resolve('end'))
    socket.resume()
  })
}

describe('process.exit', () => {
  it('ends the process that calls it, and no other', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const { value, status, findings } = await simulate(
        async (sim) => {
          const log: string[] = []
          const server = createServer((socket) => socket.on('error', () => {}))
          await sim.process('server', async () => {
            process.on('exit', (code) => log.push(`exit ${code}`))
            setInterval(() => log.push('tick'), 30)
            setTimeout(() => process.exit(3), 100)
            await listening(server, 7000)
          })
          const fate = await sim.process('client', () => fateOf(connect(7000, '127.0.0.1')))
          const ticks = log.length
          await sleep(200)
          return { fate, log, isQuiet: log.length === ticks }
        },
        { seed },
      )
      expect({ status, value }).toEqual({
        status: 'done',
        value: { fate: 'end', log: ['tick', 'tick', 'tick', 'exit 3'], isQuiet: true },
      })
      expect(findings).toMatchObject([{ kind: 'exit', node: 'server', message: 'process.exit(3) was called' }])
    }
  })

  it('resets connections that it has not read', async () => {
    const { value } = await simulate(async (sim) => {
      const server = createServer({ pauseOnConnect: true }, (socket) => socket.on('error', () => {}))
      await sim.process('server', async () => {
        setTimeout(() => process.exit(0), 200)
        await listening(server, 7000)
      })
      return sim.process('client', () => {
        const socket = connect(7000, '127.0.0.1')
        socket.write('unread')
        return fateOf(socket)
      })
    })
    expect(value).toBe('ECONNRESET')
  })

  it('lets a process of the same name start again, on the same port', async () => {
    const serve = (word: string) =>
      listening(
        createServer((socket) => void socket.end(word)),
        7000,
      )
    const { value } = await simulate(async (sim) => {
      const ask = () => sim.process('client', () => text(connect(7000, '127.0.0.1')))
      await sim.process('server', () => serve('first'))
      const words = [await ask()]
      await sim.process('server', () => void setTimeout(() => process.exit(1), 1))
      await sleep(50)
      words.push((await thrownBy(ask))?.code as string)
      await sim.process('server', () => serve('second'))
      words.push(await ask())
      return words
    })
    expect(value).toEqual(['first', 'ECONNREFUSED', 'second'])
  })

  it('leaves its children to run on, and those that have ended are gone', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const { leftovers } = await simulate(
        async (sim) => {
          await sim.process('parent', () => {
            spawn('true')
            spawn('sleep', ['3600'])
            setTimeout(() => process.exit(0), 5)
          })
          await sleep(100)
        },
        { seed },
      )
      expect(leftovers).toEqual([{ kind: 'child', what: 'proc2 (sleep 3600), running', node: 'parent' }])
    }
  })

  it('rejects what waits for the function of the process', async () => {
    const { value } = await simulate((sim) =>
      thrownBy(() =>
        sim.process('worker', async () => {
          setTimeout(() => process.exit(1), 5)
          await forever()
        }),
      ),
    )
    expect(value?.message).toBe("the process 'worker' ended before its function did")
  })

  it('hides what the code still does after it', async () => {
    const { findings } = await simulate(async (sim) => {
      await sim.process('worker', () => {
        setTimeout(() => {
          Promise.reject(new Error('after the end'))
          process.exit(1)
        }, 5)
      })
      await sleep(50)
    })
    expect(findings.map(({ kind }) => kind)).toEqual(['exit'])
  })

  it('is no finding in a child process, which may end as it likes', async () => {
    const { value, findings } = await simulate(async (sim) => {
      sim.program('quits', () => {
        process.on('exit', (code) => process.stdout.write(`bye ${code}`))
        process.exit(12)
      })
      const child = spawn('quits')
      return Promise.all([text(child.stdout), once(child, 'exit')])
    })
    expect(value).toEqual(['bye 12', [12, null]])
    expect(findings).toEqual([])
  })
})

describe('a signal', () => {
  it('reaches the listeners of its own process alone', async () => {
    const { value, findings } = await simulate(async (sim) => {
      const log: string[] = []
      const listen = (name: string) =>
        sim.process(name, () => {
          process.on('SIGTERM', (signal) => log.push(`${name} ${signal} in ${process.pid}`))
          process.once('SIGINT', () => log.push(`${name} once`))
          return process.pid
        })
      const [a, b] = [await listen('a'), await listen('b')]
      process.kill(b, 'SIGTERM')
      process.kill(a, 'SIGINT')
      await sleep(50)
      return { log: log.sort(), expected: ['a once', `b SIGTERM in ${b}`] }
    })
    expect(value?.log).toEqual(value?.expected)
    expect(findings).toEqual([])
  })

  it('that nobody listens to ends a server, which is a finding', async () => {
    const { value, findings, status } = await simulate(async (sim) => {
      const pid = await sim.process('server', async () => {
        await listening(createServer(), 7000)
        return process.pid
      })
      process.kill(pid)
      await sleep(50)
      return thrownBy(() => process.kill(pid, 0))
    })
    expect({ value, status }).toMatchObject({ value: { code: 'ESRCH' }, status: 'done' })
    expect(findings).toMatchObject([{ kind: 'signal', node: 'server' }])
  })

  it('cannot be sent to what is no process, with the errors of the real function', async () => {
    const calls = async () =>
      Promise.all(
        [
          () => process.kill(2 ** 29, 0),
          () => process.kill(2 ** 29, 'SIGTERM'),
          () => process.kill(-(2 ** 29), 'SIGTERM'),
          () => process.kill(process.pid, 'SIGNONSENSE'),
          () => process.kill('x' as never),
        ].map(thrownBy),
      )
    const real = await calls()
    const { value, findings } = await simulate(calls)
    expect(value).toEqual(real)
    expect(findings).toEqual([])
  })

  it('that would only halt a process is refused', async () => {
    const { value, findings } = await simulate(async () => {
      const child = spawn('sleep', ['1'])
      const thrown = await thrownBy(() => child.kill('SIGSTOP'))
      await once(child, 'exit')
      return thrown
    })
    expect(value).toMatchObject({ code: 'ERR_WORLD_UNSUPPORTED' })
    expect(findings).toMatchObject([{ kind: 'refused' }])
  })

  it('to a group reaches all that are in it, until the last is gone', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const { value, leftovers } = await simulate(
        async (sim) => {
          const ended: string[] = []
          sim.program('leader', (child) => {
            child.spawn((heir) => {
              heir.onSignal('SIGTERM', () => {
                ended.push('heir')
                heir.exit(0)
              })
              setInterval(() => {}, 1000)
            })
            setInterval(() => {}, 1000)
          })
          const child = spawn('leader', { detached: true, stdio: 'ignore' })
          const alone = spawn('sleep', ['1'], { stdio: 'ignore' })
          await sleep(50)
          process.kill(-(child.pid as number), 'SIGTERM')
          const noGroup = (await thrownBy(() => process.kill(-(alone.pid as number), 0)))?.code
          const exits = await Promise.all([once(child, 'exit'), once(alone, 'exit')])
          return { exits, ended, noGroup, again: (await thrownBy(() => process.kill(-(child.pid as number), 0)))?.code }
        },
        { seed },
      )
      expect(value).toEqual({
        exits: [
          [null, 'SIGTERM'],
          [0, null],
        ],
        ended: ['heir'],
        noGroup: 'ESRCH',
        again: 'ESRCH',
      })
      expect(leftovers).toEqual([])
    }
  })

  it('finds a child that has ended as long as its parent has not heard of it', async () => {
    const { value } = await simulate(async () => {
      const child = spawn('true', { stdio: 'ignore' })
      let known = true
      child.on('exit', () => (known = false))
      const seen = new Set<string>()
      for (let round = 0; round < 40; round++) {
        const found = (await thrownBy(() => process.kill(child.pid as number, 0))) === undefined
        seen.add(`${known ? 'known' : 'gone'} ${found ? 'found' : 'missing'}`)
        await sleep(1)
      }
      return [...seen]
    })
    expect(value).toEqual(['known found', 'gone missing'])
  })
})

describe('process.pid', () => {
  it('is that of the process whose code runs, and the same for every run', async () => {
    const run = async (sim: Sim) => {
      sim.program('child', (child) => {
        child.stdout.write(`${process.pid === child.pid} ${process.ppid === child.ppid} ${child.ppid}`)
      })
      const own = process.pid
      const other = await sim.process('other', () => [process.pid, process.ppid])
      return { own, other, child: await text(spawn('child').stdout) }
    }
    const { value } = await simulate(run)
    expect(value).toEqual({ own: 4001, other: [4002, 1], child: 'true true 4001' })
    expect((await simulate(run, { seed: 99 })).value).toEqual(value)
    expect(process.pid).not.toBe(4001)
  })
})

describe('the standard streams', () => {
  it('are those of the child process whose code runs', async () => {
    const outside = [process.stdin, process.stdout, process.stderr]
    const { value } = await simulate(async (sim) => {
      sim.program('upper', (child) => {
        process.stdin.setEncoding('utf8').on('data', (words) => process.stdout.write(String(words).toUpperCase()))
        process.stdin.on('end', () => process.stderr.write('done'))
        return child.stdin === process.stdin ? undefined : child.exit(1)
      })
      const child = spawn('upper')
      child.stdin.end('words')
      const streams = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
      return { streams, own: process.stdout === outside[1] }
    })
    expect(value).toEqual({ streams: ['WORDS', 'done', [0, null]], own: true })
    expect([process.stdin, process.stdout, process.stderr]).toEqual(outside)
  })

  it('let a child go when it has paused its input', async () => {
    const { value } = await simulate(async (sim) => {
      sim.program('polite', ({ stdin }) => void stdin.once('data', () => setTimeout(() => stdin.pause(), 5)))
      const child = spawn('polite')
      child.stdin.on('error', () => {})
      child.stdin.write('enough')
      return once(child, 'exit')
    })
    expect(value).toEqual([0, null])
  })
})
