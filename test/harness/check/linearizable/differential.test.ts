import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { answer } from '../../../../harness/check/linearizable/answer.ts'
import { decide } from '../../../../harness/check/linearizable/decide.ts'
import { effective } from '../../../../harness/check/linearizable/linearizable.ts'
import { operationsOf } from '../../../../harness/check/linearizable/operations.ts'
import type { Reductions } from '../../../../harness/check/linearizable/reductions.ts'
import type { HistoryEvent } from '../../../../harness/history/event.ts'
import { never, type Operation } from '../../../../harness/model.ts'
import { Random } from '../../../../harness/random.ts'
import { isLinearizable } from './brute-force.ts'
import { type TestObject, testObjects } from './objects.ts'
import { randomHistory } from './random-history.ts'

const histories = 100_000
const seed =
  process.env.RACEPROOF_SEED ?? process.env.GITHUB_SHA ?? process.env.CI_COMMIT_SHA ?? String(randomInt(2 ** 32))

/** The calls as they stood right after an event of the history. */
function asOf(operations: readonly Operation[], position: number): Operation[] {
  const begun = operations.filter(({ start }) => start <= position)
  return begun.map((operation) => (operation.end <= position ? operation : unanswered(operation)))
}

function unanswered(operation: Operation): Operation {
  return { ...operation, known: false, output: undefined, end: never }
}

function someReductions(random: Random): Reductions {
  return {
    pureAtOnce: random.chance(0.5),
    symmetry: random.chance(0.5),
    thriftyPending: random.chance(0.5),
    deadlineOrder: random.chance(0.5),
    quotient: random.chance(0.5),
  }
}

/** The history of a seed, as text that can be read and the command that brings it back. */
function told(object: TestObject, index: number, events: readonly HistoryEvent[]): string {
  const lines = events.map((event) => JSON.stringify(event))
  return `${object.name}, history ${index}, RACEPROOF_SEED=${seed}\n${lines.join('\n')}`
}

describe(`the linearizability checker against brute force (RACEPROOF_SEED=${seed})`, () => {
  const counts = { valid: 0, invalid: 0, pending: 0, monitored: 0 }
  const each = Math.ceil(histories / testObjects.length)

  it.each(testObjects)('gives the verdicts of brute force on random histories of a $name', (object) => {
    for (let index = 0; index < each; index++) {
      const random = new Random(`${seed}/${object.name}/${index}`)
      const events = randomHistory(object, random)
      const operations = effective(operationsOf(events))
      const expected = isLinearizable(object.model, operations, object.undivided) ? 'valid' : 'invalid'
      const quick = decide(object.model, operations)
      const plain = decide(object.model, operations, { reductions: someReductions(random), monitors: false })
      if (quick.verdict !== expected || plain.verdict !== expected) {
        expect([quick.verdict, plain.verdict], told(object, index, events)).toEqual([expected, expected])
      }
      counts[expected]++
      if (operations.some(({ known }) => !known)) counts.pending++
      if (quick.checker === object.model.monitor?.name) counts.monitored++
      if (expected === 'invalid' && index % 10 === 0) expectExact(object, index, events, operations)
    }
  })

  it('saw thousands of histories that are not linearizable, with pending calls, and through monitors', () => {
    console.log(`100,000 random histories, RACEPROOF_SEED=${seed}: ${JSON.stringify(counts)}`)
    expect(counts.invalid).toBeGreaterThan(5000)
    expect(counts.valid).toBeGreaterThan(20_000)
    expect(counts.pending).toBeGreaterThan(10_000)
    expect(counts.monitored).toBeGreaterThan(5000)
  })
})

/**
 * The prefix is impossible and the history up to the event before it is not; a witness that is said to be a proof is
 * impossible by itself, whatever effect the other calls had (those that cannot have one are left out).
 */
function expectExact(object: TestObject, index: number, events: HistoryEvent[], operations: Operation[]): void {
  const { prefix, witness, reason, checker } = answer(object.model, operations, events)
  const last = prefix!.events - 1
  const holds = (calls: Operation[]) => isLinearizable(object.model, calls, object.undivided)
  const message = `${told(object, index, events)}\nprefix of ${prefix!.events} events: ${reason}`
  expect(prefix!.smallest, message).toBe(true)
  expect(holds(asOf(operations, last)), message).toBe(false)
  expect(holds(asOf(operations, last - 1)), message).toBe(true)
  const shown = new Set(witness.map(({ call }) => call))
  const others = asOf(operations, last)
    .filter((operation) => shown.has(operation.call) || object.model.readOnly?.(operation) !== true)
    .map((operation) => (shown.has(operation.call) ? operation : unanswered(operation)))
  expect(shown.size, message).toBeGreaterThan(0)
  if (reason!.includes('contradict each other') || checker.startsWith('register'))
    expect(holds(others), message).toBe(false)
}
