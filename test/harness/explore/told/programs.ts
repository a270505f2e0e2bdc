import { execFile } from 'node:child_process'
import { appendFile, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Simulated } from '../../../../harness/sim/simulate.ts'

/** A small program with a bug, and what it is about. */
export interface Program {
  name: string
  run: Simulated<unknown>
}

const url = 'http://127.0.0.1:8080'

function serve(handler: RequestListener): Promise<() => Promise<void>> {
  const server = createServer(handler)
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return new Promise((resolve) => server.listen(8080, () => resolve(stop)))
}

/** Two clients ask for one session at once, and each request loads it. */
export const doubleLoad: Program = {
  name: 'two clients, one session',
  run: async (sim) => {
    const sessions = new Map<string, number>()
    let loads = 0
    const stop = await sim.process('server', () =>
      serve(async (request, response) => {
        const id = request.url as string
        if (!sessions.has(id)) {
          await writeFile('/tmp/session.json', '{}')
          sessions.set(id, ++loads)
        }
        response.end(String(sessions.get(id)))
      }),
    )
    const ask = async () => (await fetch(`${url}/sessions/s1`)).text()
    const answers = await Promise.all([sim.process('c1', ask), sim.process('c2', ask)])
    await sim.process('server', stop)
    if (loads !== 1) throw new Error(`session s1 was loaded ${loads} times, for ${answers.length} clients`)
  },
}

/** The last client that leaves tears the plan down, across an await in which another one may come. */
export const teardown: Program = {
  name: 'a client comes while the last one leaves',
  run: async (sim) => {
    const watching = new Set<string>()
    let isGone = false
    const stop = await sim.process('server', () =>
      serve(async (request, response) => {
        const [, verb, client] = (request.url as string).split('/') as [string, string, string]
        if (verb === 'watch') {
          watching.add(client)
          return void response.end(isGone ? 'gone' : 'watching')
        }
        watching.delete(client)
        if (watching.size === 0) {
          await appendFile('/tmp/audit.log', `${client} was the last\n`)
          isGone = true
        }
        response.end('bye')
      }),
    )
    const call = async (path: string) => (await fetch(`${url}/${path}`)).text()
    await sim.process('alice', () => call('watch/alice'))
    const [, saw] = await Promise.all([
      sim.process('alice', () => call('leave/alice')),
      sim.process('bob', async () => {
        await sleep(5)
        await call('watch/bob')
        return isGone ? 'nothing' : 'the plan'
      }),
    ])
    await sim.process('server', stop)
    if (saw === 'the plan' && isGone) throw new Error('bob was let in, and his plan was torn down by alice')
  },
}

/** The end of a child process is taken for the end of its output. */
export const exitBeforeDrained: Program = {
  name: 'the output of a job',
  run: async (sim) => {
    sim.program('job', (child) => {
      child.stdout.write('line 1\n')
      child.stdout.write('line 2\n')
      child.exit(0)
    })
    const lines = await sim.process('server', () => outputUntilExit('job'))
    if (lines !== 2) throw new Error(`the job has written 2 lines, and ${lines} were seen`)
  },
}

function outputUntilExit(command: string): Promise<number> {
  return new Promise((resolve) => {
    let lines = 0
    const child = execFile(command)
    child.stdout?.on('data', (text: string) => {
      lines += text.split('\n').length - 1
    })
    child.on('exit', () => resolve(lines))
  })
}

/** Two transfers take two locks in opposite order. */
export const deadlock: Program = {
  name: 'transfers between two accounts',
  run: async (sim) => {
    const locks = { a: new Lock(), b: new Lock() }
    const transfer = async (from: 'a' | 'b', to: 'a' | 'b') => {
      const release = await locks[from].take()
      await appendFile('/tmp/transfers.log', `${from} → ${to}\n`)
      const releaseOther = await locks[to].take()
      releaseOther()
      release()
    }
    await Promise.all([
      sim.process('t1', () => transfer('a', 'b')),
      sim.process('t2', async () => {
        await sleep(10)
        await transfer('b', 'a')
      }),
    ])
  },
}

class Lock {
  #tail: Promise<void> = Promise.resolve()

  take(): Promise<() => void> {
    const before = this.#tail
    let release = () => {}
    this.#tail = new Promise((resolve) => {
      release = resolve
    })
    return before.then(() => release)
  }
}

/** A counter is read, awaited over, and written back. */
export const lostUpdate: Program = {
  name: 'a counter without a server',
  run: async () => {
    let count = 0
    const add = async () => {
      const before = count
      await sleep(1)
      count = before + 1
    }
    await Promise.all([add(), add()])
    if (count !== 2) throw new Error(`the counter was raised twice, and is ${count}`)
  },
}

/** A heartbeat is started for each client, and ends with none. */
export const leak: Program = {
  name: 'a heartbeat that nobody ends',
  run: async (sim) => {
    const stop = await sim.process('server', () =>
      serve((_, response) => {
        setInterval(() => response.writable && response.write(''), 30_000)
        response.end('hello')
      }),
    )
    await sim.process('c1', async () => (await fetch(url)).text())
    await sim.process('server', stop)
  },
}
