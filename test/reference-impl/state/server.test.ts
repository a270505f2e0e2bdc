import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ResourceProbe } from 'raceproof/probe'
import { afterEach, describe, expect, it } from 'vitest'
import { components } from '../../../reference-impl/state/components.ts'
import type { StateConfig } from '../../../reference-impl/state/config.ts'
import { type RunningServer, startServer } from '../../../reference-impl/state/server.ts'

const running = new Set<RunningServer>()
afterEach(async () => {
  await Promise.all([...running].map((server) => server.stop()))
  running.clear()
})

async function boot(config: Partial<StateConfig> = {}, parts = components) {
  const server = await startServer(parts, { config: { workers: 2, ...config } })
  running.add(server)
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${server.url}${path}`, { method, body: text, headers })
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    }
  }
  /** Asks for a job until it is as wanted. */
  const until = async (path: string, ...states: string[]) => {
    for (;;) {
      const { body } = await ask('GET', path)
      if (states.includes(body.state as string)) return body
    }
  }
  return { server, ask, until }
}

/** A job that would take minutes. */
const endless = { steps: 1_000_000_000 }
const patient = { maxSteps: 1_000_000_000 }

describe('the services', () => {
  it('are turned over in one step, and what changed is in the activity', async () => {
    const { ask } = await boot()
    await ask('PUT', '/api/services', { sai: true, qsfp: false })
    const turned = await ask('POST', '/api/services/toggle', { services: ['sai', 'qsfp', 'new'] })
    expect(turned).toMatchObject({ status: 200, body: { sai: false, qsfp: true, new: true } })
    expect((await ask('GET', '/api/services')).body).toEqual({ sai: false, qsfp: true, new: true })
    const { body } = await ask('GET', '/api/activity')
    expect(body.services).toEqual({ sai: false, qsfp: true, new: true })
    expect((body.changes as { values: object }[]).map(({ values }) => values)).toEqual([
      { sai: true, qsfp: false },
      { sai: false, qsfp: true, new: true },
    ])
  })

  it('lose nothing when several are turned over by many at once', async () => {
    const { ask } = await boot()
    await ask('PUT', '/api/services', { sai: false, qsfp: false })
    const toggles = Array.from({ length: 9 }, () => ask('POST', '/api/services/toggle', { services: ['sai', 'qsfp'] }))
    await Promise.all(toggles)
    expect((await ask('GET', '/api/services')).body).toEqual({ sai: true, qsfp: true })
  })

  it('are listed whole, however many there are', async () => {
    const { ask } = await boot()
    const all = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`service-${index}`, index % 2 === 0]))
    await ask('PUT', '/api/services', all)
    expect((await ask('GET', '/api/services')).body).toEqual(all)
  })

  it('are set one by one or several at once, and read one by one or all at once', async () => {
    const { ask } = await boot()
    expect(await ask('PUT', '/api/services/qsfp_service', { status: true })).toMatchObject({
      status: 200,
      body: { name: 'qsfp_service', status: true },
    })
    expect((await ask('PUT', '/api/services', { sai: true, sai_cmd: 'run' })).body).toEqual({
      sai: true,
      sai_cmd: 'run',
    })
    expect((await ask('GET', '/api/services/qsfp_service')).body).toEqual({
      name: 'qsfp_service',
      status: true,
      running: true,
    })
    expect((await ask('GET', '/api/services/sai_cmd')).body).toMatchObject({ running: false })
    expect((await ask('GET', '/api/services')).body).toEqual({ qsfp_service: true, sai: true, sai_cmd: 'run' })
  })

  it('are refused when they are unknown, malformed or too many', async () => {
    const { ask } = await boot({ maxServices: 2 })
    expect(await ask('GET', '/api/services/unknown')).toMatchObject({
      status: 404,
      body: { error: expect.any(String) },
    })
    expect(await ask('PUT', '/api/services/a', { status: 3 })).toMatchObject({ status: 400 })
    expect(await ask('PUT', '/api/services/a%20b', { status: true })).toMatchObject({ status: 400 })
    expect(await ask('PUT', '/api/services', { a: true, b: true })).toMatchObject({ status: 200 })
    const refusal = await ask('PUT', '/api/services', { b: false, c: true })
    expect(refusal.status).toBe(429)
    expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await ask('GET', '/api/services')).body).toEqual({ a: true, b: true })
  })
})

describe('the board', () => {
  it('shows the services and the test, and brings all of it down', async () => {
    const { ask } = await boot()
    await ask('PUT', '/api/services', { qsfp: true, sai: 'run' })
    const { body: started } = await ask('POST', '/api/test/start', { script: 'link.sh' })
    expect(await ask('GET', '/api/status')).toMatchObject({
      status: 200,
      body: { services: { qsfp: true, sai: 'run' }, test: { running: true, pid: started.pid } },
    })
    const down = { services: { qsfp: false, sai: 'run' }, test: { running: false, pid: null } }
    expect(await ask('POST', '/api/status/all-down')).toMatchObject({ status: 200, body: down })
    expect(() => process.kill(started.pid as number, 0)).toThrow()
    expect(await ask('GET', '/api/status')).toMatchObject({ status: 200, body: down })
  })
})

describe('the test', () => {
  const test = { script: 'link.sh', bin: 'sai', topology: 'mono' }

  it('runs as a process, one at a time, until it is stopped', async () => {
    const { ask } = await boot()
    const started = await ask('POST', '/api/test/start', test)
    expect(started).toMatchObject({ status: 201, body: { ...test, running: true, execution: 1 } })
    const pid = started.body.pid as number
    expect(process.kill(pid, 0)).toBe(true)
    expect(await ask('POST', '/api/test/start', test)).toMatchObject({ status: 409 })
    expect((await ask('GET', '/api/test/status')).body).toMatchObject({ pid, running: true })
    expect(await ask('POST', '/api/test/stop')).toMatchObject({ status: 200, body: { pid } })
    expect(() => process.kill(pid, 0)).toThrow()
    expect((await ask('GET', '/api/test/status')).body).toMatchObject({ running: false, pid: null })
    expect(await ask('POST', '/api/test/stop')).toMatchObject({ status: 409 })
  })

  it('counts as ended when its process has ended by itself', async () => {
    const { ask } = await boot({ testCommand: ['true'] })
    await ask('POST', '/api/test/start', test)
    while ((await ask('GET', '/api/test/status')).body.running);
    expect(await ask('POST', '/api/test/start', test)).toMatchObject({ status: 201 })
  })

  it('is not running when its program cannot be started', async () => {
    const { ask } = await boot({ testCommand: ['./no-such-program'] })
    expect(await ask('POST', '/api/test/start', test)).toMatchObject({ status: 500 })
    while ((await ask('GET', '/api/test/status')).body.running);
  })

  it('is killed when it does not end by itself', async () => {
    const { ask } = await boot({
      testCommand: ['sh', '-c', 'trap "" TERM; while :; do sleep 0.05; done'],
      testGraceMs: 200,
    })
    const { body } = await ask('POST', '/api/test/start', test)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await ask('POST', '/api/test/stop')
    expect(() => process.kill(body.pid as number, 0)).toThrow()
  })

  it('is one, and has one process, however many start and stop it at once', async () => {
    const processes: string[] = []
    const listener = (message: unknown) => {
      const { event, resource, id } = message as ResourceProbe
      if (resource === 'test-process') processes.push(`${event} ${id}`)
    }
    subscribe('raceproof:resource', listener)
    const { ask } = await boot()
    const statuses = new Set<number>()
    for (let wave = 0; wave < 4; wave++) {
      const storm = Array.from({ length: 20 }, (_, index) =>
        index % 2 ? ask('POST', '/api/test/start', test) : ask('POST', '/api/test/stop'),
      )
      for (const { status } of await Promise.all(storm)) statuses.add(status)
    }
    expect([...statuses].sort()).toEqual([200, 201, 409])
    await ask('POST', '/api/test/stop')
    expect((await ask('GET', '/api/test/status')).body.running).toBe(false)
    unsubscribe('raceproof:resource', listener)
    expect(processes.filter((line) => line.startsWith('open'))).toHaveLength(processes.length / 2)
  })
})

describe('simulations', () => {
  it('run on a worker thread to their end', async () => {
    const { ask, until } = await boot()
    const started = await ask('POST', '/api/simulations', { id: 'sim', seed: 3, steps: 300_000 })
    expect(started).toMatchObject({ status: 201, body: { id: 'sim', state: 'queued', seed: 3 } })
    const ended = await until('/api/simulations/sim', 'completed')
    expect(ended).toMatchObject({ progress: 1, result: { mean: expect.any(Number) } })
    expect((await ask('GET', '/api/simulations')).body).toEqual({ jobs: [ended] })
  })

  it('get an id when they come without one', async () => {
    const { ask } = await boot()
    const ids = [await ask('POST', '/api/simulations'), await ask('POST', '/api/simulations')].map(
      ({ body }) => body.id,
    )
    expect(new Set(ids).size).toBe(2)
  })

  it('are stopped while they run, and while they wait', async () => {
    const { ask, until } = await boot(patient)
    await ask('POST', '/api/simulations', { id: 'running', ...endless })
    await until('/api/simulations/running', 'running')
    await ask('POST', '/api/simulations', { id: 'waiting', ...endless })
    expect((await ask('POST', '/api/simulations/waiting/stop')).body.state).toBe('stopped')
    expect((await ask('POST', '/api/simulations/running/stop')).body.state).toBe('stopping')
    await until('/api/simulations/running', 'stopped')
    expect(await ask('POST', '/api/simulations/running/stop')).toMatchObject({ status: 409 })
  })

  it('are refused past the cap, with the time to come back, and taken again below it', async () => {
    const { ask, until } = await boot({ maxActiveJobs: 2, ...patient })
    await ask('POST', '/api/simulations', { id: 'a', ...endless })
    await ask('POST', '/api/simulations', { id: 'b', ...endless })
    const refusal = await ask('POST', '/api/simulations', endless)
    expect(refusal).toMatchObject({ status: 429, body: { error: expect.stringMatching(/2 jobs wait or run/) } })
    expect(refusal.headers.get('retry-after')).toBe('1')
    await ask('POST', '/api/simulations/b/stop')
    await until('/api/simulations/b', 'stopped')
    let status = 429
    while (status === 429) status = (await ask('POST', '/api/simulations', endless)).status
    expect(status).toBe(201)
  })

  it('are refused when they are unknown, taken or malformed', async () => {
    const { ask } = await boot(patient)
    expect(await ask('GET', '/api/simulations/none')).toMatchObject({ status: 404 })
    expect(await ask('POST', '/api/simulations/none/stop')).toMatchObject({ status: 404 })
    await ask('POST', '/api/simulations', { id: 'a', ...endless })
    expect(await ask('POST', '/api/simulations', { id: 'a' })).toMatchObject({ status: 409 })
    expect(await ask('POST', '/api/simulations', { steps: -1 })).toMatchObject({ status: 400 })
    expect(await ask('POST', '/api/simulations', { surprise: 1 })).toMatchObject({ status: 400 })
  })

  it('are forgotten, the oldest first, when there are too many', async () => {
    const { ask, until } = await boot({ keepJobs: 4 })
    for (let number = 1; number <= 6; number++) {
      await ask('POST', '/api/simulations', { id: `${number}`, steps: 10 })
      await until(`/api/simulations/${number}`, 'completed')
    }
    expect(await ask('GET', '/api/simulations/1')).toMatchObject({ status: 404 })
    expect(await ask('GET', '/api/simulations/6')).toMatchObject({ status: 200 })
  })
})

describe('analyses', () => {
  it('are restarted when they have ended, and only then', async () => {
    const { ask, until } = await boot(patient)
    await ask('POST', '/api/analyses', { id: 'a', dataset: 'loss', steps: 20 })
    const first = await until('/api/analyses/a', 'completed')
    expect(await ask('POST', '/api/analyses/a/restart')).toMatchObject({ status: 200, body: { attempt: 2 } })
    expect(await until('/api/analyses/a', 'completed')).toMatchObject({ attempt: 2, result: first.result })
    await ask('POST', '/api/analyses', { id: 'b', ...endless })
    expect(await ask('POST', '/api/analyses/b/restart')).toMatchObject({ status: 409 })
    expect(await ask('POST', '/api/analyses/none/restart')).toMatchObject({ status: 404 })
    expect(await ask('POST', '/api/analyses/b/stop')).toMatchObject({ status: 200 })
  })

  it('are cleaned up when they are old, but not when they were restarted', async () => {
    const { ask, until } = await boot(patient)
    for (const id of ['old', 'again']) {
      await ask('POST', '/api/analyses', { id, steps: 5 })
      await until(`/api/analyses/${id}`, 'completed')
    }
    await ask('POST', '/api/analyses/again/restart')
    expect((await ask('POST', '/api/analyses/cleanup', { olderThanMs: 60_000 })).body).toEqual({ removed: [] })
    const { removed } = (await ask('POST', '/api/analyses/cleanup', { olderThanMs: 0 })).body as { removed: string[] }
    expect(removed).toContain('old')
    expect(await ask('GET', '/api/analyses/old')).toMatchObject({ status: 404 })
    if (!removed.includes('again')) expect(await ask('GET', '/api/analyses/again')).toMatchObject({ status: 200 })
  })

  it('of one dataset share it, made once by a worker thread', async () => {
    const loads: unknown[] = []
    const listener = (message: unknown) => loads.push((message as { event: string }).event)
    subscribe('raceproof:cache', listener)
    const { ask, until } = await boot({ workers: 8 })
    const ids = Array.from({ length: 8 }, (_, index) => `a${index}`)
    await Promise.all(ids.map((id) => ask('POST', '/api/analyses', { id, dataset: 'shared', steps: 5 })))
    await Promise.all(ids.map((id) => until(`/api/analyses/${id}`, 'completed')))
    unsubscribe('raceproof:cache', listener)
    expect(loads.filter((event) => event === 'loaded')).toHaveLength(1)
  })

  it('fail, and give their permit back, when their dataset cannot be made', async () => {
    class Unable extends components.DatasetCache {
      override points(): Promise<Float64Array> {
        return Promise.reject(new Error('no such data'))
      }
    }
    const { ask, until } = await boot({}, { ...components, DatasetCache: Unable })
    for (const id of ['a', 'b', 'c']) {
      await ask('POST', '/api/analyses', { id })
      expect(await until(`/api/analyses/${id}`, 'failed')).toMatchObject({ error: 'no such data' })
    }
  })

  it('forget the oldest dataset when there are too many', async () => {
    const evicted: string[] = []
    const listener = (message: unknown) => {
      const { event, key, reason } = message as { event: string; key: string; reason?: string }
      if (event === 'evict') evicted.push(`${key} ${reason}`)
    }
    subscribe('raceproof:cache', listener)
    const { ask, until } = await boot({ maxDatasets: 2 })
    for (const dataset of ['x', 'y', 'z']) {
      await ask('POST', '/api/analyses', { id: dataset, dataset, steps: 5 })
      await until(`/api/analyses/${dataset}`, 'completed')
    }
    unsubscribe('raceproof:cache', listener)
    expect(evicted).toEqual(['x capacity'])
  })
})

describe('the server', () => {
  it('is healthy, and names what it does not have', async () => {
    const { ask } = await boot()
    expect(await ask('GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } })
    expect(await ask('GET', '/nothing')).toMatchObject({ status: 404, body: { error: 'there is nothing at /nothing' } })
    const wrong = await ask('PUT', '/api/test/start', {})
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('allow')).toBe('POST')
  })

  it('echoes the marker of each request, refused or not', async () => {
    const { ask } = await boot()
    const answers = await Promise.all(
      ['/api/services', '/api/test/status', '/nothing'].map((path) =>
        ask('GET', path, undefined, { 'x-request-marker': path }),
      ),
    )
    expect(answers.map(({ headers }) => headers.get('x-request-marker'))).toEqual([
      '/api/services',
      '/api/test/status',
      '/nothing',
    ])
  })

  it('refuses a body that is no JSON, or too long, and goes on', async () => {
    const { ask } = await boot()
    expect(await ask('POST', '/api/simulations', '{')).toMatchObject({ status: 400, body: { error: /no valid JSON/ } })
    const long = await ask('PUT', '/api/services', `"${'x'.repeat(100_000)}"`)
    expect(long.status).toBe(413)
    expect(await ask('GET', '/healthz')).toMatchObject({ status: 200 })
  })

  it('tells an error that it did not foresee as 500, and publishes it', async () => {
    const published: unknown[] = []
    const listener = (message: unknown) => published.push(message)
    subscribe('raceproof:error', listener)
    class Broken extends components.ServiceStatusManager {
      override getAllStatus(): never {
        throw new Error('broken inside')
      }
    }
    const { ask } = await boot({}, { ...components, ServiceStatusManager: Broken })
    const answer = await ask('GET', '/api/services')
    unsubscribe('raceproof:error', listener)
    expect(answer).toMatchObject({ status: 500, body: { error: 'the server met an internal error' } })
    expect(published).toMatchObject([{ where: 'GET /api/services', message: 'broken inside' }])
  })

  it('stops what runs when it is stopped, and leaves no thread', async () => {
    const open = new Set<string>()
    const listener = (message: unknown) => {
      const { event, resource, id } = message as ResourceProbe
      if (event === 'open') open.add(`${resource} ${id}`)
      else open.delete(`${resource} ${id}`)
    }
    subscribe('raceproof:resource', listener)
    const { server, ask, until } = await boot({ workers: 4, ...patient })
    await ask('POST', '/api/test/start', { script: 'x' })
    for (const id of ['a', 'b', 'c']) await ask('POST', '/api/simulations', { id, ...endless })
    await until('/api/simulations/a', 'running')
    expect([...open].map((name) => name.split(' ')[0])).toEqual(
      expect.arrayContaining(['worker', 'permit', 'test-process']),
    )
    await Promise.all([server.stop(), server.stop()])
    unsubscribe('raceproof:resource', listener)
    expect([...open]).toEqual([])
    await expect(fetch(server.url)).rejects.toThrow()
  })

  it('leaves nothing running when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    const opened: string[] = []
    const listener = (message: unknown) => opened.push((message as ResourceProbe).event)
    subscribe('raceproof:resource', listener)
    await expect(startServer(components, { port, config: { workers: 2 } })).rejects.toThrow(/EADDRINUSE/)
    unsubscribe('raceproof:resource', listener)
    expect(opened.sort()).toEqual(['close', 'close', 'open', 'open'])
    await new Promise((resolve) => other.close(resolve))
  })
})
