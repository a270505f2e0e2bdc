import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Attempt } from '../../../../reference-impl/pipeline/client/attempt.ts'
import type { Channel } from '../../../../reference-impl/pipeline/client/channel.ts'
import { Cursor } from '../../../../reference-impl/pipeline/client/cursor.ts'
import { Heartbeat } from '../../../../reference-impl/pipeline/client/heartbeat.ts'
import { SseChannel } from '../../../../reference-impl/pipeline/client/sse-channel.ts'
import { WsChannel } from '../../../../reference-impl/pipeline/client/ws-channel.ts'
import { type Script, ScriptedServer } from './scripted-server.ts'

describe('Heartbeat', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('tells of silence once, and not while something comes in time', () => {
    const onSilence = vi.fn()
    const heartbeat = new Heartbeat(100, onSilence)
    for (let beat = 0; beat < 5; beat++) {
      vi.advanceTimersByTime(99)
      heartbeat.beat()
    }
    expect(onSilence).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1000)
    expect(onSilence).toHaveBeenCalledOnce()
  })

  it('tells of nothing once it was stopped', () => {
    const onSilence = vi.fn()
    new Heartbeat(100, onSilence).stop()
    vi.advanceTimersByTime(1000)
    expect(onSilence).not.toHaveBeenCalled()
  })
})

describe('an attempt', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('is given up when nothing comes, and not before', async () => {
    let alive = () => {}
    const signals: AbortSignal[] = []
    const silent: Channel = {
      via: 'silent',
      open: ({ signal }, listener) => {
        alive = () => listener.alive?.()
        signals.push(signal!)
        return new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)))
      },
    }
    const attempt = new Attempt({
      planId: 'p',
      cursor: new Cursor(0),
      listener: { onEvent: () => expect.fail() },
      silenceMs: 100,
      headers: {},
      signal: new AbortController().signal,
    })
    const ended = attempt.run(silent).catch((error: Error) => error.message)
    for (let beat = 0; beat < 5; beat++) {
      vi.advanceTimersByTime(99)
      alive()
    }
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    vi.advanceTimersByTime(100)
    expect(await ended).toBe('nothing came for 100 ms')
  })
})

describe('what shows that a connection lives', () => {
  const ws: Script['ws'] = (socket) => socket.ping()
  const sse: Script['sse'] = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': beat\n\n')
  }

  it.each([
    { what: 'a ping', script: { ws }, channel: (url: string): Channel => new WsChannel({ url }) },
    { what: 'a comment', script: { sse }, channel: (url: string): Channel => new SseChannel({ url }) },
  ])('is $what, without any event', async ({ script, channel }) => {
    await using server = await ScriptedServer.start(script)
    const left = new AbortController()
    const alive = new Promise<void>((resolve) => {
      const listener = { alive: () => resolve(), event: () => expect.fail(), gap: () => expect.fail() }
      channel(server.url).open({ planId: 'p', after: 0, signal: left.signal }, listener)
    })
    await alive
    left.abort()
  })
})
