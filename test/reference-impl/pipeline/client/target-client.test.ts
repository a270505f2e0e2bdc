import { CallAbandoned, CallFailed, calls } from 'raceproof'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pipelineParts, type RunningServer, startPipeline } from '../../../../reference-impl/pipeline/server.ts'
import { type WayName, wayOf } from '../../../../reference-impl/pipeline/target-way.ts'
import { RecordedWorld } from './recorded-world.ts'

const everyWay: WayName[] = ['sse', 'ws', 'eventsource', 'library']
const reset = { name: 'reset', description: 'reset', target: 'link' } as const

let server: RunningServer
let world: RecordedWorld

beforeEach(async () => {
  server = await startPipeline(pipelineParts, { config: { stopGraceMs: 0 } })
  world = new RecordedWorld(server.url)
})

afterEach(async () => {
  world.close()
  await server.stop()
})

const everything = () => world.history.filter((event) => event.type === 'observe')
/** What the application of the client library sees, which is a subscription of its own over all connections. */
const wholes = () =>
  everything().flatMap((event) => (event.f === 'subscribe' && event.via === 'library' ? [event.subscriber] : []))
const observed = () => everything().filter(({ subscriber }) => !wholes().includes(subscriber))
const seenWhole = () => everything().filter(({ subscriber }) => wholes().includes(subscriber))
const ids = () => observed().flatMap((event) => (event.f === 'event' ? [event.id] : []))
const endings = () => observed().flatMap((event) => (event.f === 'end' ? [event.reason] : []))
const untilEnded = (count = 1) => vi.waitFor(() => expect(endings()).toHaveLength(count))
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

describe.each(everyWay)('a watcher over %s', (via) => {
  it('records every event from the first to the last, and a complete end', async () => {
    const plan = await world.client().createPlan({ lines: 12 })
    const watcher = await world.client(1).watch(plan, { via })
    const { last, ending } = await watcher.untilComplete()
    await untilEnded()
    expect({ ending, ids: ids(), endings: endings() }).toEqual({
      ending: 'completed',
      ids: upTo(last),
      endings: ['complete'],
    })
    expect(new Set(observed().map(({ stream }) => stream))).toEqual(new Set([plan.stream]))
  })

  it('starts right after the event that it has', async () => {
    const plan = await world.client().createPlan({ lines: 3 })
    await (await world.client().watch(plan)).untilComplete()
    world.history.length = 0
    const { last } = await (await world.client(1).watch(plan, { via, after: 2 })).untilComplete()
    expect(ids()).toEqual(upTo(last).slice(2))
    expect(observed()[0]).toMatchObject({ f: 'subscribe', after: 2 })
  })

  it('is complete at once when it has the last event already', async () => {
    const plan = await world.client().createPlan({ lines: 1 })
    const { last } = await (await world.client().watch(plan)).untilComplete()
    world.history.length = 0
    await (await world.client(1).watch(plan, { via, after: last })).untilComplete()
    await untilEnded()
    expect({ ids: ids(), endings: endings() }).toEqual({ ids: [], endings: ['complete'] })
  })

  it('records a refusal with its status', async () => {
    const plan = await world.client().createPlan({ lines: 1 })
    await world.client().deletePlan(plan)
    await expect(world.client(1).watch(plan, { via })).rejects.toBeInstanceOf(CallFailed)
    expect(world.told().slice(-2)).toEqual(['end refused', 'fail watch 410'])
  })

  it('leaves when it is let in to another life of the plan', async () => {
    const owner = world.client()
    const first = await owner.createPlan({ id: 'again', command: ['sleep', '60'] })
    await owner.deletePlan(first)
    await owner.createPlan({ id: 'again', command: ['sleep', '60'] })
    await expect(world.client(1).watch(first, { via })).rejects.toMatchObject({ status: 410 })
    await vi.waitFor(async () => expect((await owner.status('again')).subscribers).toBe(0))
    expect(ids()).toEqual([])
  })

  it('leaves without a word', async () => {
    const owner = world.client()
    const plan = await owner.createPlan({ command: ['sleep', '60'] })
    await (await world.client(1).watch(plan, { via })).drop()
    await vi.waitFor(async () => expect((await owner.status(plan.id)).subscribers).toBe(0))
    expect(endings()).toEqual(['dropped'])
  })

  it('leaves without a word, by the fault that it was given', async () => {
    const owner = world.client()
    const plan = await owner.createPlan({ command: ['sleep', '60'] })
    const watcher = await world.client(1).watch(plan, { via })
    await watcher.drop(reset)
    await vi.waitFor(async () => expect((await owner.status(plan.id)).subscribers).toBe(0))
    expect(endings()).toEqual(['dropped'])
    expect(world.faults.map(({ fault, socket }) => [fault.name, socket.destroyed])).toEqual([['reset', true]])
    await owner.deletePlan(plan)
    expect(ids()).toEqual([])
  })

  it('reads nothing while it is paused, and everything afterwards', async () => {
    const plan = await world.client().createPlan({ lines: 1000, lineBytes: 200 })
    const paused = await world.client(1).watch(plan, { via })
    paused.pause()
    const { last } = await (await world.client(2).watch(plan)).untilComplete()
    expect(paused.last).toBeLessThan(last)
    paused.resume()
    expect((await paused.untilComplete()).last).toBe(last)
  })

  it('gives up when the harness does, and leaves its subscription open in the history', async () => {
    const plan = await world.client().createPlan({ command: ['sleep', '60'] })
    const waiting = (await world.client(1).watch(plan, { via })).untilComplete()
    world.giveUp()
    await expect(waiting).rejects.toBeInstanceOf(CallAbandoned)
    await vi.waitFor(async () => expect((await world.client(2).status(plan.id)).subscribers).toBe(0))
    expect(endings()).toEqual([])
    expect(world.told()).toContain('info untilComplete still open at the end of the settle phase')
  })
})

describe('the application of the client library', () => {
  it('sees one subscription, whatever becomes of its connections', async () => {
    const plan = await world.client().createPlan({ lines: 40, rate: 40 })
    const watcher = await world.client(1).watch(plan, { via: 'library' })
    await vi.waitFor(() => expect(watcher.last).toBeGreaterThan(3))
    world.breakConnections()
    const { last } = await watcher.untilComplete()
    await vi.waitFor(() => expect(seenWhole().at(-1)).toMatchObject({ f: 'end', reason: 'complete' }))
    expect(seenWhole().flatMap((event) => (event.f === 'event' ? [event.id] : []))).toEqual(upTo(last))
    expect(seenWhole().filter(({ f }) => f === 'subscribe')).toHaveLength(1)
  })
})

describe('a connection that breaks', () => {
  async function brokenUnderWay(via: WayName) {
    const plan = await world.client().createPlan({ lines: 40, rate: 40 })
    const watcher = await world.client(1).watch(plan, { via })
    await vi.waitFor(() => expect(watcher.last).toBeGreaterThan(3))
    world.breakConnections()
    return watcher
  }

  it.each(['sse', 'ws'] as const)('is lost over %s, and the watcher with it', async (via) => {
    const watcher = await brokenUnderWay(via)
    await expect(watcher.untilComplete()).rejects.toThrow(/ended after event \d+ without a terminal event/)
    expect(endings()).toEqual(['lost'])
  })

  it.each(['eventsource', 'library'] as const)('is followed over %s by a subscription of its own', async (via) => {
    const { last } = await (await brokenUnderWay(via)).untilComplete()
    await untilEnded(2)
    const subscribed = observed().filter((event) => event.f === 'subscribe')
    expect(endings()).toEqual(['lost', 'complete'])
    expect(ids()).toEqual(upTo(last))
    expect(subscribed[1]!.after).toBe(lastOf(subscribed[0]!.subscriber))
  })

  function lastOf(who: string): number {
    return Math.max(
      ...observed().flatMap((event) => (event.f === 'event' && event.subscriber === who ? [event.id] : [])),
    )
  }
})

describe('a call', () => {
  it('is answered with the marker that it was sent with, each with one of its own', async () => {
    const client = world.client()
    const plan = await client.createPlan({ lines: 1 })
    await client.getPlan(plan.id)
    await client.status(plan.id)
    await client.events(plan.id)
    await client.listPlans()
    for (const via of everyWay) await (await client.watch(plan, { via })).untilComplete()
    await client.deletePlan(plan)
    const marked = calls(world.history).filter(({ f }) => f !== 'untilComplete')
    const sent = marked.map(({ input }) => (input as { marker: string }).marker)
    const echoed = marked.map(({ outcome }) => outcome.type === 'ok' && (outcome.output as { marker: string }).marker)
    expect(echoed).toEqual(sent)
    expect(new Set(sent).size).toBe(10)
  })

  it('that is refused is recorded as certainly without effect', async () => {
    const client = world.client()
    const plan = await client.createPlan({ id: 'twice' })
    await expect(client.createPlan({ id: 'twice' })).rejects.toMatchObject({ status: 409 })
    expect(world.told().at(-1)).toBe('fail createPlan 409')
    await client.deletePlan(plan)
    await expect(client.deletePlan(plan)).rejects.toMatchObject({ status: 410 })
  })

  it('that finds nobody listening is recorded as certainly without effect', async () => {
    await server.stop()
    await expect(world.client().createPlan()).rejects.toBeInstanceOf(CallFailed)
  })

  it('whose connection breaks may have had its effect', async () => {
    const creating = world.client().createPlan()
    await vi.waitFor(() => expect(world.connected).toBe(true))
    world.breakConnections()
    await expect(creating).rejects.not.toBeInstanceOf(CallFailed)
    expect(world.history.at(-1)).toMatchObject({ type: 'info', f: 'createPlan' })
  })
})

describe('the ways of a crowd', () => {
  it('are mostly SSE and WebSocket, with the real packages and the library among them', () => {
    const count = (way: WayName) => upTo(120).filter((index) => wayOf(index) === way).length
    expect(everyWay.map(count)).toEqual([45, 45, 15, 15])
  })
})

describe('waiting until the server is ready', () => {
  it('says how often the library asked', async () => {
    const { asked, tookMs } = await world.client().ready()
    expect(asked).toBe(1)
    expect(tookMs).toBeGreaterThan(0)
  })

  it('is given up with the round', async () => {
    await server.stop()
    const waiting = world.client().ready()
    world.close()
    await expect(waiting).rejects.toBeInstanceOf(CallAbandoned)
  })
})
