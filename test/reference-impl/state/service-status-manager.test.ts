import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it } from 'vitest'
import { ServiceStatusManager } from '../../../reference-impl/state/service-status-manager.ts'
import { inWorker } from '../sync/worker-thread.ts'

describe('a service status manager', () => {
  it('knows what it was told, of one service or of all', () => {
    const services = new ServiceStatusManager({ initial: { qsfp_service: false } })
    services.setStatus('qsfp_service', true)
    services.updateStatus({ sai: true, sai_cmd: 'run --all' })
    expect(services.isServiceRunning('qsfp_service')).toBe(true)
    expect(services.isServiceRunning('sai_cmd')).toBe(false)
    expect(services.isServiceRunning('unknown')).toBe(false)
    expect(services.getStatus('sai_cmd')).toBe('run --all')
    expect(services.getStatus('unknown')).toBeUndefined()
    expect(services.getAllStatus()).toEqual({ qsfp_service: true, sai: true, sai_cmd: 'run --all' })
    expect(services.size).toBe(3)
    expect(services.counts).toMatchObject({ writes: 2 })
  })

  it('gives copies that do not change it', () => {
    const services = new ServiceStatusManager({ initial: { a: true } })
    const copy = services.getAllStatus() as Record<string, boolean>
    expect(() => {
      copy.a = false
    }).toThrow(TypeError)
    expect(services.getStatus('a')).toBe(true)
  })

  it('survives 150 toggles on 3 worker threads: none is lost, and no two are mixed', async () => {
    const services = new ServiceStatusManager({ historyLimit: 1_000 })
    const toggle = (number: number) =>
      inWorker(
        `const { ServiceStatusManager } = await load('state/service-status-manager')
         const services = new ServiceStatusManager({ shared: data.shared, historyLimit: 1_000 })
         for (let turn = 0; turn < 50; turn++) {
           const name = data.number + '.' + turn
           services.updateStatus({ first: name, second: name, [data.number]: turn % 2 === 0 })
           const { first, second } = services.getAllStatus()
           if (first !== second) throw new Error(first + ' was mixed with ' + second)
         }`,
        { shared: services.shared, number },
      )
    await Promise.all([toggle(1), toggle(2), toggle(3)])
    const history = await services.run(() => services.history())
    expect(history.map(({ number }) => number)).toEqual(Array.from({ length: 150 }, (_, index) => index + 1))
    expect(new Set(history.map(({ values }) => values.first)).size).toBe(150)
    expect(services.getAllStatus()).toMatchObject({ '1': false, '2': false, '3': false })
  })
})

describe('changes of a service', () => {
  it('are told to listeners after the lock has been let go, with all that one step changed', async () => {
    const services = new ServiceStatusManager()
    const told: unknown[] = []
    services.onChange(({ values }) => {
      // A listener that waits for somebody who wants the lock must get it.
      told.push(services.run(() => ({ values, all: services.getAllStatus() })))
    })
    await services.run(async () => {
      services.setStatus('a', true)
      await null
      services.setStatus('a', false)
      expect(told).toEqual([])
    })
    expect(await Promise.all(told)).toEqual([
      { values: { a: true }, all: { a: false } },
      { values: { a: false }, all: { a: false } },
    ])
  })

  it('are not told to a listener that has stopped listening', () => {
    const services = new ServiceStatusManager()
    const told: unknown[] = []
    const stop = services.onChange((change) => told.push(change.values))
    services.setStatus('a', true)
    stop()
    services.setStatus('a', false)
    expect(told).toEqual([{ a: true }])
  })

  it('are told to all listeners, and have happened, although one of them throws', () => {
    const services = new ServiceStatusManager()
    const told: unknown[] = []
    const errors: unknown[] = []
    const listener = (message: unknown) => errors.push(message)
    subscribe('raceproof:error', listener)
    services.onChange(() => {
      throw new Error('listener broke')
    })
    services.onChange(({ values }) => told.push(values))
    services.onChange(() => {
      throw 'a text'
    })
    services.setStatus('a', true)
    unsubscribe('raceproof:error', listener)
    expect(services.getStatus('a')).toBe(true)
    expect(told).toEqual([{ a: true }])
    expect(errors).toMatchObject([
      { where: 'listener of services', message: 'listener broke' },
      { where: 'listener of services', message: 'a text' },
    ])
  })

  it('are kept in order, the latest ones only', () => {
    const services = new ServiceStatusManager({ historyLimit: 3 })
    for (let turn = 1; turn <= 10; turn++) services.setStatus('a', `${turn}`)
    expect(services.history().map(({ number, values }) => [number, values.a])).toEqual([
      [8, '8'],
      [9, '9'],
      [10, '10'],
    ])
  })

  it('are forgotten sooner where there is no room for them, and none fails for that', () => {
    const services = new ServiceStatusManager({ capacityBytes: 1_024 })
    for (let turn = 1; turn <= 20; turn++) services.setStatus('a', String(turn).padStart(200))
    expect(services.getStatus('a')).toBe('20'.padStart(200))
    const kept = services.history().map(({ number }) => number)
    expect(kept.length).toBeGreaterThan(1)
    expect(kept).toEqual(Array.from(kept, (_, place) => 20 - kept.length + 1 + place))
    // So much of the state that the word of it has no room in the history: it is not kept, but it is counted.
    services.setStatus('a', 'x'.repeat(990))
    services.setStatus('b', true)
    expect(services.history().map(({ number }) => number)).toEqual([22])
  })
})
