import '../../../../harness/register.ts'
import { type ChildProcess, exec, execFile, execSync, fork, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { SimChild } from '../../../../harness/sim/process/program.ts'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { sameInBothWorlds, thrownBy } from '../both-worlds.ts'

const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs))

/** Logs the life of a child, each entry once it happens; resolves with the log when the child has closed. */
function lifeOf(child: ChildProcess, log: string[] = []): Promise<string[]> {
  for (const event of ['spawn', 'exit', 'disconnect'] as const) {
    child.on(event, (...args: unknown[]) => log.push([event, ...args].join(' ')))
  }
  child.on('error', (error: NodeJS.ErrnoException) => log.push(`error ${error.code}`))
  child.stdout?.on('data', (bytes) => log.push(`stdout ${bytes}`)).on('end', () => log.push('stdout end'))
  child.stderr?.on('data', (bytes) => log.push(`stderr ${bytes}`)).on('end', () => log.push('stderr end'))
  return new Promise((resolve) => {
    child.on('close', (...args) => {
      log.push(['close', ...args].join(' '))
      resolve(log)
    })
  })
}

describe('a child process', () => {
  it('runs a command of the machine as the real one does', async () => {
    const result = await sameInBothWorlds(async () => {
      const child = spawn('echo', ['-n', 'hello', 'world'])
      const [output, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'close')])
      return { output, code, signal, args: child.spawnargs, file: child.spawnfile, killed: child.killed }
    })
    expect(result).toMatchObject({ output: 'hello world', code: 0, signal: null })
  })

  it('takes its input, and ends with it', async () => {
    const output = await sameInBothWorlds(async () => {
      const child = spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] })
      child.stdin.write('one ')
      await sleep(3)
      child.stdin.end('two')
      return [await text(child.stdout), child.stderr]
    })
    expect(output).toEqual(['one two', null])
  })

  it('ends by the exit code of its program', async () => {
    const codes = await sameInBothWorlds(async () => {
      const codes = await Promise.all(['true', 'false'].map((name) => once(spawn(name), 'exit')))
      return codes
    })
    expect(codes).toEqual([
      [0, null],
      [1, null],
    ])
  })

  it('is killed by a signal, once', async () => {
    const result = await sameInBothWorlds(async () => {
      const child = spawn('sleep', ['100'])
      await once(child, 'spawn')
      const hit = [child.kill(0), child.kill('SIGTERM')]
      const [code, signal] = await once(child, 'exit')
      return { hit, code, signal, killed: child.killed, again: child.kill(), signalCode: child.signalCode }
    })
    expect(result).toEqual({
      hit: [true, true],
      code: null,
      signal: 'SIGTERM',
      killed: true,
      again: false,
      signalCode: 'SIGTERM',
    })
  })

  it('that cannot be started says so as the real one does', async () => {
    const error = await sameOnBoth(async () => {
      const child = spawn('no-such-command', ['a'])
      const log = lifeOf(child)
      const [error] = (await once(child, 'error')) as [NodeJS.ErrnoException & { spawnargs: string[] }]
      const { message, code, errno, syscall, path, spawnargs } = error
      return { message, code, errno, syscall, path, spawnargs, pid: child.pid, log: (await log).sort() }
    })
    expect(error).toMatchObject({ message: 'spawn no-such-command ENOENT', pid: undefined })
  })

  it('that nobody has registered is a finding that says what to do', async () => {
    const { findings } = await simulate(() => {
      spawn('no-such-command').on('error', () => {})
    })
    expect(findings).toMatchObject([{ kind: 'refused' }])
    expect(findings[0]?.message).toContain("sim.program('no-such-command', (child) => { … })")
  })

  it('that is said not to be there is missing without a finding, from a shell as well', async () => {
    const { value, findings } = await simulate(async (sim) => {
      sim.program('gone', null)
      const [error] = (await once(spawn('gone'), 'error')) as [NodeJS.ErrnoException]
      const [code] = await once(spawn('gone now', { shell: true }), 'exit')
      return { error: error.code, code }
    })
    expect({ value, findings }).toEqual({ value: { error: 'ENOENT', code: 127 }, findings: [] })
  })

  it('is refused where its parent would have to stand still', async () => {
    const { value, findings } = await simulate(() =>
      Promise.all([thrownBy(() => spawnSync('echo')), thrownBy(() => execSync('echo'))]),
    )
    expect(value).toMatchObject([{ code: 'ERR_WORLD_UNSUPPORTED' }, { code: 'ERR_WORLD_UNSUPPORTED' }])
    expect(findings.map(({ kind }) => kind)).toEqual(['refused', 'refused'])
  })

  it('is refused what is not of the simulated world', async () => {
    const { value, findings } = await simulate(() => {
      const stdio = (what: unknown) => thrownBy(() => spawn('echo', { stdio: ['ignore', what as never, 'ignore'] }))
      return Promise.all([stdio(7), stdio('pipe')])
    })
    expect(value).toMatchObject([{ code: 'ERR_WORLD_UNSUPPORTED' }, undefined])
    expect(findings).toMatchObject([
      { kind: 'refused', message: expect.stringMatching(/^file descriptor 7 as stdio of a child process cannot/) },
    ])
  })

  it('is stopped by an AbortSignal', async () => {
    const result = await sameInBothWorlds(async () => {
      const controller = new AbortController()
      const child = spawn('sleep', ['100'], { signal: controller.signal })
      const errors: string[] = []
      child.on('error', (error) => errors.push(error.name))
      await once(child, 'spawn')
      controller.abort()
      const exit = await once(child, 'exit')
      return { errors, exit }
    })
    expect(result).toEqual({ errors: ['AbortError'], exit: [null, 'SIGTERM'] })
  })
})

describe('exec and execFile', () => {
  it('collect the output', async () => {
    const outputs = await sameInBothWorlds(async () => [
      await promisify(exec)('echo hi "a b"'),
      await promisify(execFile)('echo', ['hi']),
      await promisify(execFile)('echo', ['hi'], { encoding: 'buffer' }),
    ])
    expect(outputs).toMatchObject([{ stdout: 'hi a b\n', stderr: '' }, { stdout: 'hi\n' }, {}])
  })

  it('fail with the code of the command', async () => {
    const failures = await sameOnBoth(() => Promise.all([failureOf('false'), failureOf('no-such-command')]))
    expect(failures).toMatchObject([{ code: 1, killed: false }, { code: 127 }])
  })

  it('give up after the time-out, and when there is too much output', async () => {
    const failures = await sameInBothWorlds(() =>
      Promise.all([
        failureOf('sleep 5', { timeout: 30 }),
        failureOf('sleep 5', { timeout: 30, killSignal: 'SIGKILL' }),
        failureOf('echo 0123456789', { maxBuffer: 4 }),
      ]),
    )
    expect(failures).toMatchObject([
      { killed: true, signal: 'SIGTERM', code: null },
      { killed: true, signal: 'SIGKILL', code: null },
      { code: 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER', stdout: '0123' },
    ])
  })

  it('say that they have killed what had ended already, when its output was held open', async () => {
    const line = 'sleep 1 & exit 3'
    const real = await failureOf(line, { timeout: 100 })
    const { value } = await simulate((sim) => {
      sim.program(/^sleep 1 &/, (child) => {
        child.spawn(() => void setTimeout(() => {}, 1000))
        child.exit(3)
      })
      return failureOf(line, { timeout: 100 })
    })
    expect(value).toEqual(real)
    expect(real).toMatchObject({ code: 3, killed: true })
  })

  it('give their child at once', async () => {
    const same = await sameInBothWorlds(async () => {
      const running = promisify(execFile)('sleep', ['100'])
      const { child } = running
      child.kill('SIGKILL')
      const thrown = await thrownBy(() => running)
      return [typeof child.pid, thrown?.message]
    })
    expect(same).toEqual(['number', 'Command failed: sleep 100\n'])
  })

  it('leave no timer behind that could still kill', async () => {
    const { leftovers, findings, virtualMs } = await simulate(() =>
      promisify(execFile)('echo', ['quick'], { timeout: 60_000 }),
    )
    expect({ leftovers, findings }).toEqual({ leftovers: [], findings: [] })
    expect(virtualMs).toBeLessThan(1000)
  })
})

describe('a program', () => {
  const talkative = (sim: Sim) =>
    sim.program('talkative', async (child) => {
      child.stdout.write('a')
      child.stderr.write('e')
      await sleep(2)
      child.stdout.write('b')
      child.exit(7)
    })

  it('may end before its output is read, but is closed only after', async () => {
    const orders = new Set<string>()
    for (let seed = 0; seed < 200; seed++) {
      const { value, findings, leftovers } = await simulate(
        (sim) => {
          talkative(sim)
          return lifeOf(spawn('talkative'))
        },
        { seed },
      )
      const log = value as string[]
      expect({ findings, leftovers }).toEqual({ findings: [], leftovers: [] })
      expect(log[0]).toBe('spawn')
      expect(log.at(-1)).toBe('close 7 ')
      expect(
        log
          .filter((entry) => /^stdout [ab]/.test(entry))
          .join('')
          .replaceAll('stdout ', ''),
      ).toBe('ab')
      expect(log.indexOf('stdout end')).toBeGreaterThan(log.findIndex((entry) => /^stdout .*b$/.test(entry)))
      orders.add(log.join(', '))
    }
    const exitsFirst = [...orders].filter((order) => order.indexOf('exit') < order.indexOf('stdout a'))
    const exitsLast = [...orders].filter((order) => order.indexOf('exit') > order.indexOf('stderr end'))
    expect(exitsFirst.length).toBeGreaterThan(0)
    expect(exitsLast.length).toBeGreaterThan(0)
  })

  it('lives through the orders that a real command shows, among others', async () => {
    const line = 'printf a; printf e >&2; sleep 0.002; printf b; exit 7'
    const live = async () => {
      const log = await lifeOf(spawn('sh', ['-c', line]))
      return log.filter((entry) => /^(exit|close|.* end$)/.test(entry)).join(', ')
    }
    const simulated = new Set<string | undefined>()
    for (let seed = 0; seed < 200; seed++) {
      const { value } = await simulate(
        (sim) => {
          sim.program(/^printf a/, async (child) => {
            child.stdout.write('a')
            child.stderr.write('e')
            await sleep(2)
            child.stdout.write('b')
            child.exit(7)
          })
          return live()
        },
        { seed },
      )
      simulated.add(value)
    }
    for (let run = 0; run < 40; run++) expect(simulated).toContain(await live())
  })

  it('is found by its name, its script, its line, or a predicate', async () => {
    const { value } = await simulate(async (sim) => {
      const says = (word: string) => (child: { stdout: NodeJS.WritableStream }) => void child.stdout.write(word)
      sim.program('tool', says('by name'))
      sim.program('script.js', says('by script'))
      sim.program(/^git (push|pull)/, says('by line'))
      sim.program(({ argv }) => argv.includes('--magic'), says('by predicate'))
      const outputs = [
        spawn('/usr/bin/tool'),
        spawn(process.execPath, ['--import', 'x', '/app/dist/script.js', 'a']),
        spawn('git', ['push', 'origin']),
        spawn('anything', ['--magic']),
        exec('tool | git push'),
      ].map((child) => {
        child.on('error', () => {})
        return text(child.stdout as NodeJS.ReadableStream)
      })
      return Promise.all(outputs)
    })
    expect(value?.slice(0, 4)).toEqual(['by name', 'by script', 'by line', 'by predicate'])
    expect(value?.[4]).toBe('')
  })

  it('gets its words, environment and folder', async () => {
    const { value } = await simulate(async (sim) => {
      sim.program('show', ({ argv, env, cwd, stdout }) => {
        stdout.write(JSON.stringify({ argv, word: env.WORD, cwd }))
      })
      const child = spawn('show', ['x'], { env: { WORD: 'a=b' }, cwd: '/somewhere' })
      return JSON.parse(await text(child.stdout))
    })
    expect(value).toEqual({ argv: ['show', 'x'], word: 'a=b', cwd: '/somewhere' })
  })

  it('is held up when nobody reads, and loses nothing', async () => {
    const { value, leftovers } = await simulate(async (sim) => {
      const written: number[] = []
      sim.program('flood', async ({ stdout }) => {
        for (let block = 0; block < 10; block++) {
          await new Promise((resolve) => stdout.write(Buffer.alloc(20_000, block), resolve))
          written.push(block)
        }
      })
      const child = spawn('flood')
      child.stdout.pause()
      await sleep(100)
      const heldUp = written.length
      const bytes = []
      for await (const chunk of child.stdout) bytes.push(...(chunk as Buffer))
      await sleep(50)
      return { heldUp, total: bytes.length, sorted: bytes.every((byte, place) => byte === Math.floor(place / 20_000)) }
    })
    expect(value).toMatchObject({ total: 200_000, sorted: true })
    // The parent's own buffer takes one read, the pipe the rest.
    expect(value?.heldUp).toBeLessThanOrEqual(6)
    expect(leftovers).toEqual([])
  })

  it('that exits with a full pipe ends once its output is through', async () => {
    const { value } = await simulate(async (sim) => {
      sim.program('flood', (child) => {
        child.stdout.write(Buffer.alloc(300_000, 1))
        child.exit(4)
      })
      const child = spawn('flood')
      const exit = once(child, 'exit')
      const early = await Promise.race([exit, sleep(200).then(() => 'still running')])
      const [bytes, [code]] = await Promise.all([text(child.stdout), exit])
      return { early, length: bytes.length, code }
    })
    expect(value).toEqual({ early: 'still running', length: 300_000, code: 4 })
  })

  it('that is killed with a full pipe loses what had not gone into it', async () => {
    const { value } = await simulate(async (sim) => {
      sim.program('flood', (child) => void child.stdout.write(Buffer.alloc(300_000, 1)))
      const child = spawn('flood')
      let length = 0
      child.stdout.on('data', (bytes) => (length += bytes.length)).pause()
      await sleep(100)
      child.kill('SIGKILL')
      const [code, signal] = await once(child, 'close')
      return { code, signal, length }
    })
    expect(value).toEqual({ code: null, signal: 'SIGKILL', length: 2 * 65_536 })
  })

  it('learns that nobody reads any more, and ends as a Node process does unless it expects that', async () => {
    const { value, findings, leftovers } = await simulate(async (sim) => {
      const write = (child: SimChild) => void child.stdout.write(Buffer.alloc(300_000))
      sim.program('careless', write)
      sim.program('careful', (child) => {
        child.stdout.on('error', (error: NodeJS.ErrnoException) => child.exit(error.code === 'EPIPE' ? 5 : 6))
        write(child)
      })
      const exitOf = async (name: string) => {
        const child = spawn(name)
        await sleep(50)
        child.stdout.destroy()
        return once(child, 'exit')
      }
      return [await exitOf('careless'), await exitOf('careful')]
    })
    expect({ value, findings, leftovers }).toEqual({
      value: [
        [1, null],
        [5, null],
      ],
      findings: [],
      leftovers: [],
    })
  })

  it('that has ended takes no input', async () => {
    const body = async () => {
      const child = spawn('sleep', ['100'])
      const errors: unknown[] = []
      child.stdin.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code))
      child.stdin.write(Buffer.alloc(1_000_000))
      await once(child, 'spawn')
      child.kill()
      await once(child, 'close')
      return errors.join(' ')
    }
    const seen = new Set<string | undefined>()
    for (let seed = 0; seed < 40; seed++) seen.add((await simulate(body, { seed })).value)
    // Whether the exit or the broken pipe is told first is open.
    expect(seen).toEqual(new Set(['', 'EPIPE']))
    expect(seen).toContain(await body())
  })

  it('leaves its pipes to those that inherit them', async () => {
    for (let seed = 0; seed < 50; seed++) {
      const { value, leftovers } = await simulate(
        async (sim) => {
          sim.program('parent', (child) => {
            child.stdout.write('parent ')
            child.spawn(async (heir) => {
              while (heir.ppid === child.pid) await sleep(5)
              heir.stdout.write(`heir of ${heir.ppid}`)
            })
            child.exit(0)
          })
          const child = spawn('parent')
          const log: string[] = []
          child.on('exit', () => log.push('exit'))
          child.on('close', () => log.push('close'))
          log.push(await text(child.stdout))
          if (!log.includes('close')) await once(child, 'close')
          return log
        },
        { seed },
      )
      expect(value?.indexOf('exit')).toBeLessThan(value?.indexOf('close') as number)
      expect(value).toContain('parent heir of 1')
      expect(leftovers).toEqual([])
    }
  })

  it('handles signals, all but SIGKILL', async () => {
    const { value, leftovers } = await simulate(async (sim) => {
      sim.program('stubborn', (child) => {
        child.onSignal('SIGTERM', () => child.stdout.write('no'))
        child.onSignal('SIGKILL', () => child.stdout.write('never'))
        child.onSignal('SIGINT', () => child.exit(130))
        setInterval(() => {}, 1000)
      })
      const end = async (...signals: NodeJS.Signals[]) => {
        const child = spawn('stubborn')
        const output = text(child.stdout)
        await sleep(50)
        for (const signal of signals) child.kill(signal)
        return [...(await once(child, 'exit')), await output]
      }
      return Promise.all([end('SIGTERM', 'SIGKILL'), end('SIGINT'), end('SIGCHLD', 'SIGHUP')])
    })
    expect(value).toEqual([
      [null, 'SIGKILL', 'no'],
      [130, null, ''],
      [null, 'SIGHUP', ''],
    ])
    expect(leftovers).toEqual([])
  })

  it('that throws is a finding, and ends as a Node process would', async () => {
    const { value, findings } = await simulate(async (sim) => {
      sim.program('broken', () => {
        throw new TypeError('oops')
      })
      const child = spawn('broken')
      const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
      return { stderr, code }
    })
    expect(value).toEqual({ stderr: 'TypeError: oops\n', code: 1 })
    expect(findings).toMatchObject([{ kind: 'rejected', node: 'proc1', message: 'TypeError: oops' }])
  })

  it('ends as a Node process does when nothing keeps it alive', async () => {
    const { value } = await simulate(async (sim) => {
      sim.program('later', () => void setTimeout(() => {}, 40))
      sim.program('code', () => {
        process.exitCode = 9
      })
      sim.program('stuck', () => new Promise(() => {}))
      const exitOf = async (name: string) => [...(await once(spawn(name), 'exit')), sim.nowMs]
      const [later, code, stuck] = [await exitOf('later'), await exitOf('code'), await exitOf('stuck')]
      return [(later[2] as number) >= 40, later[0], code[0], stuck[0], process.exitCode]
    })
    expect(value).toEqual([true, 0, 9, 13, undefined])
    expect(process.exitCode).toBeUndefined()
  })

  it('is a leftover as long as it runs, and so are its pipes', async () => {
    const { leftovers } = await simulate(async () => {
      spawn('sleep', ['3600'])
      await sleep(50)
    })
    expect(leftovers).toContainEqual({ kind: 'child', what: 'proc1 (sleep 3600), running', node: 'main' })
    expect(leftovers).toContainEqual({ kind: 'pipe', what: 'proc1.stdout', node: 'main' })
  })

  it('goes the same way for the same seed', async () => {
    const run = async (sim: Sim) => {
      talkative(sim)
      return Promise.all([lifeOf(spawn('talkative')), lifeOf(spawn('talkative'))])
    }
    const first = await simulate(run, { seed: 9 })
    for (let repeat = 0; repeat < 20; repeat++) {
      const { hash, trace } = await simulate(run, { seed: 9 })
      expect(trace).toEqual(first.trace)
      expect(hash).toBe(first.hash)
    }
  })
})

describe('fork', () => {
  it('exchanges messages in order, and ends when it disconnects', async () => {
    for (const serialization of ['json', 'advanced'] as const) {
      const { value, findings, leftovers } = await simulate(async (sim) => {
        sim.program('kid.js', (child) => {
          child.onMessage((message) => {
            child.send({ heard: message })
            if (message === 'bye') child.disconnect()
          })
        })
        const kid = fork('/app/kid.js', [], { serialization, silent: true })
        const heard: unknown[] = []
        kid.on('message', (message) => heard.push(message))
        for (const message of ['hi', 2, { deep: [true] }, 'bye']) kid.send(message as never)
        const [code] = await once(kid, 'exit')
        await sleep(30)
        return { heard, code, connected: kid.connected }
      })
      expect(value).toEqual({
        heard: [{ heard: 'hi' }, { heard: 2 }, { heard: { deep: [true] } }, { heard: 'bye' }],
        code: 0,
        connected: false,
      })
      expect({ findings, leftovers }).toEqual({ findings: [], leftovers: [] })
    }
  })

  it('hears that its parent has disconnected, and ends', async () => {
    const { value } = await simulate(async (sim) => {
      sim.program('kid.js', (child) => child.onMessage(() => {}))
      const kid = fork('/app/kid.js', { silent: true })
      await sleep(30)
      kid.disconnect()
      const [[code]] = await Promise.all([once(kid, 'exit'), once(kid, 'disconnect')])
      return code
    })
    expect(value).toBe(0)
  })
})

/** Like `sameInBothWorlds`, for what the simulated world notes as refused besides. */
async function sameOnBoth<T>(body: () => Promise<T>): Promise<T> {
  const real = await body()
  const { value, findings } = await simulate(body)
  expect(findings.map(({ kind }) => kind)).toEqual(['refused'])
  expect(value).toEqual(real)
  return real
}

async function failureOf(command: string, options = {}) {
  try {
    await promisify(exec)(command, options)
    return undefined
  } catch (error) {
    const { code, killed, signal, cmd, stdout, stderr } = error as Record<string, unknown>
    return { code, killed, signal, cmd, stdout, stderr: String(stderr).replace(/line 1|1/, 'N') }
  }
}
