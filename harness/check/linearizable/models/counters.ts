import { anything, model } from '../../../model.ts'
import { amountIn, keyIn } from './inputs.ts'

interface CounterOperations {
  increment(input: unknown): unknown
  decrement(input: unknown): unknown
  read(input: unknown): number
}

/** A number, 0 at first. `increment(by = 1)`, `decrement(by = 1)`, `read()` → number. */
export const counter = model<CounterOperations, number>({
  name: 'counter',
  blind: ['increment', 'decrement'],
  init: 0,
  partition: keyIn,
  apply: {
    increment: (count, by) => [anything, count + amountIn(by)],
    decrement: (count, by) => [anything, count - amountIn(by)],
    read: (count) => [count, count],
  },
  readOnly: ({ f }) => f === 'read',
})

interface FetchAddOperations {
  fetchAdd(input: unknown): number
  read(input: unknown): number
}

/** A number, 0 at first, that tells what it was before: `fetchAdd(by = 1)` → the old number; `read()` → number. */
export const fetchAdd = model<FetchAddOperations, number>({
  name: 'fetch-add',
  init: 0,
  partition: keyIn,
  apply: {
    fetchAdd: (count, by) => [count, count + amountIn(by)],
    read: (count) => [count, count],
  },
  readOnly: ({ f }) => f === 'read',
})
