import { describe, expect, it, vi } from 'vitest'
import type { CloseReason, Sink } from '../../../reference-impl/pipeline/sink.ts'
import { StreamEvent } from '../../../reference-impl/pipeline/stream-event.ts'
import { Subscriber } from '../../../reference-impl/pipeline/subscriber.ts'

/** A connection that takes only what it is told to take. */
class Tap implements Sink {
  readonly transport = 'ws'
  readonly sent: number[] = []
  closedFor: CloseReason | null = null
  takenBytes = 0
  #left: number
  #drained = () => {}
  #gone = () => {}

  constructor(events: number) {
    this.#left = events
  }

  get full(): boolean {
    return this.#left <= 0
  }

  take(events: number): void {
    this.#left = events
    this.#drained()
  }

  vanish(): void {
    this.#gone()
  }

  send(event: StreamEvent): void {
    this.sent.push(event.id)
    this.takenBytes += event.bytes
    this.#left--
  }

  gap(): void {}
  readonly alive = true
  beat(): void {}
  close(reason: CloseReason): void {
    this.closedFor = reason
  }
  onDrain(listener: () => void): void {
    this.#drained = listener
  }
  onClose(listener: () => void): void {
    this.#gone = listener
  }
}

const eventOf = (id: number) => new StreamEvent(id, 'log', `"${'x'.repeat(52)}"`)
const eventBytes = eventOf(1).bytes

function follower({ takes = 0, queueEvents = 1_000, queueBytes = 1_000_000, slowReaderMs = 1_000 }) {
  const tap = new Tap(takes)
  const subscriber = new Subscriber('s', tap, { queueEvents, queueBytes, slowReaderMs })
  const listener = { fellBehind: vi.fn(), left: vi.fn() }
  subscriber.listen(listener)
  subscriber.follow()
  const offer = (from: number, to: number) => {
    for (let id = from; id <= to; id++) subscriber.offer(eventOf(id))
  }
  return { tap, subscriber, listener, offer }
}

describe('a subscriber', () => {
  it('queues no more events than it may, and then asks for the rest once', () => {
    const { tap, subscriber, listener, offer } = follower({ takes: 3, queueEvents: 5 })
    offer(1, 100)
    expect([tap.sent, subscriber.cursor]).toEqual([[1, 2, 3], 8])
    expect(listener.fellBehind).toHaveBeenCalledTimes(1)
    subscriber.close('stopped')
  })

  it('queues no more bytes than it may', () => {
    const { subscriber, listener, offer } = follower({ queueBytes: 4 * eventBytes })
    offer(1, 100)
    expect([subscriber.cursor, listener.fellBehind.mock.calls.length]).toEqual([4, 1])
    subscriber.close('stopped')
  })

  it('passes on what it has queued, in order, as the connection takes it', () => {
    const { tap, offer } = follower({ takes: 1 })
    offer(1, 4)
    tap.take(2)
    expect(tap.sent).toEqual([1, 2, 3])
    tap.take(9)
    expect(tap.sent).toEqual([1, 2, 3, 4])
  })

  it('has room when all it had was taken, and none when it is gone', async () => {
    const { tap, subscriber, offer } = follower({ takes: 1, queueEvents: 1 })
    offer(1, 3)
    const room = subscriber.room()
    tap.take(9)
    expect([await room, subscriber.room()]).toEqual([true, true])
    tap.take(0)
    const never = subscriber.room()
    tap.vanish()
    expect([await never, subscriber.room()]).toEqual([false, false])
  })

  it('is closed for slowness only when it takes too little in the time it has', async () => {
    vi.useFakeTimers()
    try {
      const { tap, offer } = follower({ queueBytes: 4 * eventBytes, slowReaderMs: 1_000 })
      offer(1, 4)
      await vi.advanceTimersByTimeAsync(900)
      tap.take(4)
      tap.take(0)
      await vi.advanceTimersByTimeAsync(200)
      expect(tap.closedFor).toBeNull()
      offer(5, 6)
      await vi.advanceTimersByTimeAsync(3_000)
      expect(tap.closedFor).toBe('slow-reader')
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('keeps no timer when it has taken everything, or when its client leaves', () => {
    vi.useFakeTimers()
    try {
      const { tap, offer } = follower({})
      offer(1, 4)
      expect(vi.getTimerCount()).toBe(1)
      tap.take(9)
      expect(vi.getTimerCount()).toBe(0)
      tap.take(0)
      offer(5, 6)
      tap.vanish()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('is closed after the terminal event, once the connection has taken it', () => {
    const { tap, subscriber } = follower({})
    subscriber.offer(new StreamEvent(1, 'completed', '{}'))
    expect(tap.closedFor).toBeNull()
    tap.take(1)
    expect(tap.closedFor).toBeNull()
    tap.take(1)
    expect(tap.closedFor).toBe('complete')
  })

  it('closes for the first reason only, and leaves once', () => {
    const { tap, subscriber, listener } = follower({})
    subscriber.close('stopped')
    subscriber.close('shutdown')
    expect(tap.closedFor).toBe('stopped')
    tap.vanish()
    tap.vanish()
    expect(listener.left).toHaveBeenCalledTimes(1)
  })

  it('tells a stream that it enters too late that it has left already', () => {
    const tap = new Tap(0)
    const subscriber = new Subscriber('s', tap, { queueEvents: 1, queueBytes: 1, slowReaderMs: 1 })
    tap.vanish()
    const listener = { fellBehind: vi.fn(), left: vi.fn() }
    subscriber.listen(listener)
    expect(listener.left).toHaveBeenCalledTimes(1)
  })
})
