import type { Fiber } from '../fiber.ts'
import type { Running } from '../running.ts'
import { drain } from './drain.ts'
import { EventLoop, type LoopThread } from './event-loop.ts'
import type { LoopEvent } from './loop-event.ts'

/** The event loop of the run of a thread whose code asks for it; null when the code is none of a thread. */
export function loopOf(running: Running): EventLoop | null {
  if (running.fiber === null) return null
  running.loop ??= new EventLoop(loopThread(running, running.fiber))
  return running.loop
}

/**
 * Runs the code of a thread, and then its event loop, if it uses one: returns a promise, or has asked for a timer, a tick
 * or the like.
 */
export function runWithLoop(running: Running, body: () => unknown): unknown {
  const fiber = running.fiber!
  try {
    return runCode(running, body)
  } catch (thrown) {
    unwound(running, fiber)
    throw thrown
  }
}

/**
 * The same where the caller, when something is thrown, says so with {@link unwound}. To catch it here as well would cost
 * each run of a thread that is suspended another throw.
 */
export function runCode(running: Running, body: () => unknown): unknown {
  running.loop = null
  const returned = body()
  running.hasLoops ||= isPromise(returned) || running.loop !== null
  const result = running.hasLoops ? loopOf(running)!.run(returned) : returned
  running.loop = null
  return result
}

/** The code of a thread has thrown, as it does to be suspended. */
export function unwound(running: Running, fiber: Fiber): void {
  const { fiber: before } = running
  running.hasLoops ||= running.loop !== null
  // What the code has left to promises must not go on when another thread runs.
  if (running.hasLoops && fiber.pending !== null) {
    running.fiber = fiber
    drain()
    running.fiber = before
  }
  running.loop = null
}

function loopThread(running: Running, fiber: Fiber): LoopThread {
  return {
    nextEvent: (sources) => fiber.ask('event', 0, () => running.loops!.nextEvent(fiber.thread, sources)) as LoopEvent,
    pass: () => fiber.pass(),
    isSuspended: () => fiber.pending !== null,
    asks: () => fiber.asks,
    nowMs: () => fiber.draw(() => fiber.nowMs),
    passTo: (timeMs) => {
      if (fiber.isNew) fiber.nowMs = Math.max(fiber.nowMs, timeMs)
    },
    hasReturned: (value) => {
      fiber.returned = value
    },
  }
}

function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
