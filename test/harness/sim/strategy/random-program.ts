import { connect, createServer, type Server } from 'node:net'
import { Random } from '../../../../harness/random.ts'
import type { Sim } from '../../../../harness/sim/sim.ts'
import type { Simulated } from '../../../../harness/sim/simulate.ts'

/** One thing that a process does; what it does then, it does in the callback. */
type Step =
  | { kind: 'timer'; delayMs: number; then: Step[] }
  | { kind: 'immediate'; then: Step[] }
  | { kind: 'tick'; then: Step[] }
  | { kind: 'message'; to: number; then: Step[] }

const firstPort = 7000

/**
 * A small program drawn from a seed: one to three processes with timers, immediates, ticks and messages to each other over
 * connections. It resolves to what each process has seen, in its own order, and shares nothing between them.
 */
export function randomProgram(seed: number): Simulated<string> {
  const random = new Random(`program/${seed}`)
  const processes = random.integer(1, 3)
  const scripts = Array.from({ length: processes }, () => steps(random, processes, 0))
  return async (sim) => {
    const seen = scripts.map((): string[] => [])
    await Promise.all(scripts.map((script, own) => runProcess(sim, { script, own, processes, seen: seen[own]! })))
    await new Promise((resolve) => setTimeout(resolve, 100))
    return JSON.stringify(seen)
  }
}

function steps(random: Random, processes: number, depth: number): Step[] {
  const count = depth === 0 && processes === 1 ? 2 : random.integer(depth === 0 ? 1 : 0, 1)
  return Array.from({ length: count }, () => step(random, processes, depth))
}

function step(random: Random, processes: number, depth: number): Step {
  const then = depth < (processes === 3 ? 1 : 2) ? steps(random, processes, depth + 1) : []
  const kind = random.pick(processes > 1 ? (['timer', 'immediate', 'tick', 'message'] as const) : localKinds)
  if (kind === 'timer') return { kind, delayMs: random.integer(1, 3), then }
  if (kind === 'message') return { kind, to: random.integer(0, processes - 1), then }
  return { kind, then }
}

const localKinds = ['timer', 'immediate', 'tick'] as const

interface Running {
  script: Step[]
  own: number
  processes: number
  seen: string[]
}

async function runProcess(sim: Sim, { script, own, seen }: Running): Promise<void> {
  await sim.process(`p${own}`, () => {
    listen(own, seen)
    perform(script, 's', seen)
  })
}

/** Does all of it, in order; each is called by its place, so that what was seen tells them apart. */
function perform(script: readonly Step[], name: string, seen: string[]): void {
  for (const [place, step] of script.entries()) start(step, `${name}${place}`, seen)
}

function start(step: Step, name: string, seen: string[]): void {
  const happens = () => {
    seen.push(`${name}:${step.kind}`)
    perform(step.then, name, seen)
  }
  if (step.kind === 'timer') setTimeout(happens, step.delayMs)
  else if (step.kind === 'immediate') setImmediate(happens)
  else if (step.kind === 'tick') process.nextTick(happens)
  else
    connect(firstPort + step.to, '127.0.0.1')
      .on('connect', happens)
      .on('error', () => seen.push(`${name}:refused`))
}

function listen(own: number, seen: string[]): Server {
  let count = 0
  return createServer(() => seen.push(`connection ${++count}`)).listen(firstPort + own, '127.0.0.1')
}
