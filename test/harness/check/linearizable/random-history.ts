import type { HistoryEvent } from '../../../../harness/history/event.ts'
import type { Random } from '../../../../harness/random.ts'
import { blocked, type TestObject } from './objects.ts'

interface OpenCall {
  call: number
  client: string
  f: string
  input: unknown
  tookEffect: boolean
  output: unknown
}

/**
 * A small history of a few clients that use one object at once, each call taking effect at one moment between its begin
 * and its end. Some calls end without anybody knowing how, some fail without effect, and in half of the histories some
 * answers are wrong.
 */
export function randomHistory(object: TestObject, random: Random): HistoryEvent[] {
  return new RandomRun(object, random).run()
}

class RandomRun {
  readonly #object: TestObject
  readonly #random: Random
  readonly #use: ReturnType<TestObject['make']>
  readonly #events: HistoryEvent[] = []
  readonly #idle: string[]
  readonly #open: OpenCall[] = []
  readonly #lying: boolean
  #left: number
  #calls = 0

  constructor(object: TestObject, random: Random) {
    this.#object = object
    this.#random = random
    this.#use = object.make()
    this.#lying = random.chance(0.5)
    this.#left = random.integer(3, 9)
    this.#idle = Array.from({ length: random.integer(2, 4) }, (_, index) => `c${index}`)
  }

  run(): HistoryEvent[] {
    // Calls may block each other for good, so that steps, not calls, are counted.
    for (let step = 0; step < 60 && (this.#left > 0 || this.#open.length > 0); step++) {
      if (this.#left > 0 && this.#idle.length > 0 && this.#random.chance(0.4)) this.#begin()
      else if (this.#open.length > 0) this.#goOn(this.#random.pick(this.#open))
    }
    return this.#events
  }

  #begin(): void {
    const [client] = this.#idle.splice(this.#random.integer(0, this.#idle.length - 1), 1) as [string]
    const call = this.#calls++
    const { f, input } = this.#object.ask(this.#random, call + 1)
    this.#left--
    this.#open.push({ call, client, f, input, tookEffect: false, output: undefined })
    this.#events.push({ type: 'invoke', timeMs: this.#events.length, client, call, f, input })
  }

  #goOn(open: OpenCall): void {
    const fate = this.#random.real()
    if (fate < 0.06) this.#end(open, 'info')
    else if (fate < 0.09 && !open.tookEffect) this.#end(open, 'fail')
    else if (open.tookEffect) this.#end(open, 'ok')
    else this.#takeEffect(open)
  }

  #takeEffect(open: OpenCall): void {
    const output = this.#use(open.f, open.input, open.client)
    if (output === blocked) return
    open.tookEffect = true
    const lies = this.#lying && this.#random.chance(0.15)
    open.output = lies ? this.#object.wrongAnswer(this.#random, open.f, this.#calls) : output
  }

  #end(open: OpenCall, type: 'ok' | 'fail' | 'info'): void {
    this.#open.splice(this.#open.indexOf(open), 1)
    this.#idle.push(open.client)
    const { client, call, f, output } = open
    const common = { timeMs: this.#events.length, client, call, f }
    if (type === 'ok') this.#events.push({ ...common, type, output })
    else this.#events.push({ ...common, type, error: 'cut' })
  }
}
