import '../../../harness/register.ts'
import { AsyncLocalStorage } from 'node:async_hooks'
import { execFile } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { entry } from '../../../harness/entry.ts'
import { replay, simulate } from '../../../harness/sim/simulate.ts'
import { natural } from '../../../harness/sim/strategy/natural.ts'
import { listening } from './programs.ts'

const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs))

describe('errors of the code under test', () => {
  const kindsOf = async (run: () => unknown) => {
    const { findings, status } = await simulate(async () => {
      run()
      await sleep(20)
    })
    return { status, findings: findings.map(({ kind, message }) => `${kind} ${message}`) }
  }

  it('are findings when a tick throws, and the rest of the ticks still run', async () => {
    let later = false
    const result = await kindsOf(() => {
      process.nextTick(() => {
        throw new TypeError('in a tick')
      })
      process.nextTick(() => (later = true))
    })
    expect(result).toEqual({ status: 'done', findings: ['uncaught-exception TypeError: in a tick'] })
    expect(later).toBe(true)
  })

  it('are findings when a timer, an immediate or a microtask throws', async () => {
    const result = await kindsOf(() => {
      setTimeout(() => {
        throw new Error('in a timer')
      }, 5)
      setImmediate(() => {
        throw new Error('in an immediate')
      })
      queueMicrotask(() => {
        throw new Error('in a microtask')
      })
    })
    expect(result.status).toBe('done')
    expect(result.findings.sort()).toEqual([
      'uncaught-exception Error: in a microtask',
      'uncaught-exception Error: in a timer',
      'uncaught-exception Error: in an immediate',
    ])
  })

  it('are findings when nobody handles a rejection', async () => {
    const result = await kindsOf(() => void Promise.reject(new RangeError('nobody cares')))
    expect(result).toEqual({ status: 'done', findings: ['unhandled-rejection RangeError: nobody cares'] })
  })

  it('are findings when the function itself rejects', async () => {
    const { status, findings } = await simulate(async () => {
      await sleep(3)
      throw new Error('no')
    })
    expect(status).toBe('done')
    expect(findings).toMatchObject([{ kind: 'rejected', message: 'Error: no', node: 'main', atMs: 3 }])
  })

  it('are findings when the code ends its own process, which ends the schedule alone', async () => {
    const { status, findings } = await simulate(async () => {
      setTimeout(() => process.exit(3), 5)
      await sleep(1000)
    })
    expect(status).toBe('exited')
    expect(findings).toMatchObject([{ kind: 'exit', message: 'process.exit(3) was called', atMs: 5 }])
  })

  it('are findings when a signal meets no listener, and no finding when it meets one', async () => {
    const unheard = await simulate(async () => {
      process.kill(process.pid, 'SIGUSR2')
      await sleep(100)
    })
    expect(unheard).toMatchObject({ status: 'exited', findings: [{ kind: 'signal' }] })
    const heard = await simulate(async () => {
      const name = new Promise((resolve) => process.once('SIGUSR2', resolve))
      process.kill(process.pid, 'SIGUSR2')
      return name
    })
    expect(heard).toMatchObject({ status: 'done', value: 'SIGUSR2', findings: [] })
  })

  it('never reach the listeners of the process around', async () => {
    const before = process.listeners('uncaughtException')
    let reached = 0
    const count = () => reached++
    process.on('uncaughtException', count)
    const inside: unknown[] = []
    await simulate(async () => {
      process.on('uncaughtException', (error) => inside.push(error.message))
      setImmediate(() => {
        throw new Error('inside')
      })
      await sleep(5)
    })
    process.off('uncaughtException', count)
    expect(reached).toBe(0)
    expect(inside).toEqual(['inside'])
    expect(process.listeners('uncaughtException')).toEqual(before)
  })
})

describe('a schedule that does not end', () => {
  it('is idle when nothing will ever happen, and says what was waiting', async () => {
    const { status, pending } = await simulate(async () => {
      const server = createServer({ pauseOnConnect: true })
      await listening(server, 7000)
      connect(7000, '127.0.0.1').write('never read')
      await new Promise(() => {})
    })
    expect(status).toBe('idle')
    expect(pending).toEqual(['c1:main→main/1 data (ready at 0 ms, nobody reads it)'])
  })

  it('is given up after so many steps', async () => {
    const { status, steps, pending } = await simulate(
      async () => {
        setInterval(() => {}, 1)
        await new Promise(() => {})
      },
      { maxSteps: 100 },
    )
    expect({ status, steps }).toEqual({ status: 'step-bound', steps: 100 })
    expect(pending[0]).toMatch(/^timer:main:1\/\d+ timer \(ready at \d+ ms\)$/)
  })

  it('is given up after so much virtual time', async () => {
    const { status, virtualMs } = await simulate(() => sleep(5000), { maxVirtualMs: 1000 })
    expect(status).toBe('time-bound')
    expect(virtualMs).toBeLessThanOrEqual(1000)
  })

  it('leaves nothing running for the next one', async () => {
    await simulate(
      async () => {
        setInterval(() => {}, 1)
        const server = createServer((socket) => socket.resume())
        await listening(server, 7000)
        connect(7000, '127.0.0.1').on('connect', () => process.exit(1))
        await new Promise(() => {})
      },
      { maxSteps: 100 },
    )
    const { status, leftovers, steps } = await simulate(() => sleep(5))
    expect({ status, leftovers, steps }).toEqual({ status: 'done', leftovers: [], steps: 2 })
  })
})

describe('leftovers', () => {
  it('name what is open and armed at the end', async () => {
    const { leftovers } = await simulate(
      async () => {
        const server = createServer((socket) => socket.resume())
        await listening(server, 7000)
        await new Promise<void>((resolve) => connect(7000, '127.0.0.1', resolve))
        setInterval(() => {}, 700)
        setInterval(() => {}, 400).unref()
      },
      { strategy: natural(), settleMs: 1000 },
    )
    expect(leftovers).toEqual([
      { kind: 'connection', what: 'c1 127.0.0.1:40001 → 127.0.0.1:7000', node: 'main' },
      { kind: 'connection', what: "c1' 127.0.0.1:7000 → 127.0.0.1:40001", node: 'main' },
      { kind: 'server', what: 'listening on 7000', node: 'main' },
      { kind: 'timer', what: 'timer:main:700/1, due at 1400 ms', node: 'main' },
    ])
  })

  it('are none of what ends by itself in time', async () => {
    const { leftovers, virtualMs } = await simulate(async () => {
      setTimeout(() => {}, 900)
    })
    expect({ leftovers, virtualMs }).toEqual({ leftovers: [], virtualMs: 900 })
  })
})

describe('a replay', () => {
  const program = async (names: readonly string[]) => {
    await Promise.all(names.map((name) => new Promise((resolve) => setImmediate(resolve, name))))
    await sleep(3)
  }

  it('that meets a program with less to do says which event was expected', async () => {
    const { choices } = await simulate(() => program(['a', 'b', 'c']))
    const { divergence } = await replay(() => program(['a', 'b']), choices)
    expect(divergence).toMatchObject({
      code: 'ERR_REPLAY_DIVERGED',
      step: 3,
      expected: 'immediates:main/2',
      enabled: ['timer:main:3/0'],
    })
    expect(divergence?.message).toContain('the replay diverged at step 3: expected immediates:main/2')
  })

  it('that meets a program with more to do says so too', async () => {
    const { choices } = await simulate(() => program(['a']))
    const { divergence } = await replay(() => program(['a', 'b']), choices)
    expect(divergence).toMatchObject({ step: 2, expected: 'timer:main:3/0', enabled: ['immediates:main/1'] })
  })

  it('that ends before its choices do says where', async () => {
    const { choices } = await simulate(() => program(['a']))
    const { divergence } = await replay(() => {}, choices)
    expect(divergence).toMatchObject({ step: 1, expected: 'immediates:main/0', enabled: [] })
  })
})

describe('the context of the code', () => {
  it('follows it through timers, sockets and processes', async () => {
    const storage = new AsyncLocalStorage<string>()
    const { value } = await simulate(async (sim) => {
      const server = createServer((socket) => socket.end('x'))
      await sim.process('server', () => storage.run('server', () => listening(server, 7000)))
      const seen = ['a', 'b'].map((name) =>
        storage.run(name, async () => {
          await sleep(2)
          await new Promise((resolve) => connect(7000, '127.0.0.1').on('data', resolve))
          return storage.getStore()
        }),
      )
      return Promise.all(seen)
    })
    expect(value).toEqual(['a', 'b'])
  })

  it('is the process whose event runs it', async () => {
    const { findings } = await simulate(async (sim) => {
      await sim.process('other', () => {
        setTimeout(() => {
          throw new Error('over there')
        }, 1)
      })
      await sleep(5)
    })
    expect(findings).toMatchObject([{ node: 'other', message: 'Error: over there' }])
  })
})

describe('a schedule that is over', () => {
  const tick = () => setInterval(() => {}, 1000)
  const waitWith = (object: object | undefined) => setTimeout(() => object, 3_600_000)

  it('is not kept by a timer that somebody keeps', async () => {
    setFlagsFromString('--expose-gc')
    let object: object | undefined = { name: 'what another timer waits with' }
    const reference = new WeakRef(object)
    let kept: NodeJS.Timeout | undefined
    await simulate(() => {
      waitWith(object)
      kept = tick()
    })
    object = undefined
    // What a reference was just made to stays until the end of the turn.
    await sleep(1)
    runInNewContext('gc')()
    expect(kept?.hasRef()).toBe(true)
    expect(reference.deref()).toBeUndefined()
  })
})

describe('simulate', () => {
  it('does not nest', async () => {
    const { findings } = await simulate(() => simulate(() => {}))
    expect(findings).toMatchObject([{ kind: 'rejected' }])
  })

  it('tells what to do when the world is not registered', async () => {
    const script = `import { simulate } from '${entry('harness/sim/simulate')}'
      await simulate(() => {}).catch((error) => console.log(error.code, error.message))`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
    expect(stdout).toMatch(/^ERR_NOT_REGISTERED .*--import raceproof\/register/)
  })
})
