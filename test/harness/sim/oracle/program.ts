import { stat } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import type { Random } from '../../../../harness/random.ts'

/** One thing that a program asks the event loop for, and what it asks for once that has happened. */
export interface Step {
  /** Tells it from the others in the order. */
  name: string
  kind: 'timer' | 'immediate' | 'tick' | 'microtask' | 'file' | 'socket'
  /** Of a timer. */
  delayMs: number
  next: Step[]
}

const kinds = ['timer', 'timer', 'immediate', 'tick', 'microtask', 'file', 'socket'] as const
const deepest = 3

/** A small random program: a few steps at once, each followed by a few more. */
export function drawProgram(random: Random, most = 8): Step[] {
  let left = most
  const draw = (depth: number): Step[] => {
    const count = Math.min(left, depth === 0 ? random.integer(2, 4) : random.integer(0, 2))
    left -= count
    return Array.from({ length: count }, () => {
      const [kind, delayMs] = [random.pick(kinds), random.integer(0, 4)]
      return { name: '', kind, delayMs, next: depth < deepest ? draw(depth + 1) : [] }
    })
  }
  return named(draw(0))
}

/** Names the steps a, b, c, … in the order in which they stand. */
function named(steps: Step[], letters = { code: 97 }): Step[] {
  return steps.map((step) => {
    const name = String.fromCharCode(letters.code++)
    return { ...step, name, next: named(step.next, letters) }
  })
}

/**
 * Plays a program with the builtins as they are, and resolves with the order in which its steps happened: `a b c`. Of a
 * socket the connection (`a+`), the answer (`a=`) and the close (`a-`) count. `noted` is called for each, in its callback.
 */
export async function play(program: readonly Step[], noted: (mark: string) => void = () => {}): Promise<string> {
  const server = await echoServer()
  const order: string[] = []
  await new Promise<void>((resolve) => {
    let open = 0
    const begin = (steps: readonly Step[]) => {
      for (const step of steps) {
        open++
        const note = (mark: string) => {
          order.push(`${step.name}${mark}`)
          noted(`${step.name}${mark}`)
        }
        start(step, server.address() as AddressInfo, note, () => {
          begin(step.next)
          if (--open === 0) resolve()
        })
      }
    }
    begin(program)
  })
  server.close()
  return order.join(' ')
}

function start(step: Step, { port }: AddressInfo, note: (mark: string) => void, done: () => void): void {
  const happens = () => {
    note('')
    done()
  }
  if (step.kind === 'timer') setTimeout(happens, step.delayMs)
  else if (step.kind === 'immediate') setImmediate(happens)
  else if (step.kind === 'tick') process.nextTick(happens)
  else if (step.kind === 'microtask') queueMicrotask(happens)
  else if (step.kind === 'file') stat(import.meta.filename, happens)
  else converse(port, note, done)
}

function converse(port: number, note: (mark: string) => void, done: () => void): void {
  const socket = connect(port, '127.0.0.1', () => {
    note('+')
    socket.write('?')
  })
  socket.on('data', () => note('='))
  socket.on('close', () => {
    note('-')
    done()
  })
}

function echoServer(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.on('data', (bytes) => socket.end(bytes)))
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}
