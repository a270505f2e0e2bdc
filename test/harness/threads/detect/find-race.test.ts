import { describe, expect, it } from 'vitest'
import { findRace } from '../../../../harness/threads/detect/races.ts'
import type { Access, Operation, OperationKind } from '../../../../harness/threads/operation.ts'

/** A word of four bytes at that place, or the queue of its waiters. */
const word = (at: number, writes = false): Access => ({ from: at * 4, to: at * 4 + 4, writes })
const queue = (at: number): Access => ({ from: -8 * at - 1, to: -8 * at, writes: true })
const [DATA, FLAG, OTHER] = [0, 1, 2]

function operation(kind: OperationKind, thread: number, ...accesses: Access[]): Operation {
  return { kind, thread, accesses, enabled: () => true, perform: () => {} }
}

const read = (thread: number) => operation('read', thread, word(DATA))
const write = (thread: number) => operation('write', thread, word(DATA, true))
const load = (thread: number, at = FLAG) => operation('load', thread, word(at))
const store = (thread: number, at = FLAG) => operation('store', thread, word(at, true))
const update = (thread: number) => operation('update', thread, word(FLAG, true))
const missed = (thread: number): Operation => ({ ...update(thread), missed: () => true })
const wait = (thread: number) => operation('wait', thread, word(FLAG), queue(FLAG))
const wake = (thread: number) => operation('wake', thread, queue(FLAG))
const notify = (thread: number) => operation('notify', thread, queue(FLAG))

/** The messages that have come through a port. */
const port: Access = { from: -50, to: -49, writes: true }
const post = (thread: number) => operation('post', thread, port)

/** A load that has waited until one of the words has changed that the thread had read before. */
const loadAfterChange = (thread: number): Operation => ({
  ...operation('load', thread, word(OTHER), word(FLAG)),
  insisting: load(thread, OTHER),
})

// In every schedule the first thing that happens is a plain write by thread 0, and the last a plain read by thread 1.

describe('in one schedule, a write happens before a read', () => {
  it.each<[string, Operation[]]>([
    ['through a word that is stored and loaded', [store(0), load(1)]],
    ['through a word that is exchanged', [update(0), update(1)]],
    ['through a word that another thread has added to', [store(0), update(2), load(1)]],
    ['through an exchange that misses, which has looked', [store(0), missed(1)]],
    ['through a wait, which looks at its word', [store(0), wait(1)]],
    ['when the writer calls the reader', [wait(1), notify(0), wake(1)]],
    ['when the writer calls before the reader sleeps', [notify(0), wait(1)]],
    ['when the reader calls the writer, which sleeps', [wait(0), notify(1)]],
    ['with a message that is received', [post(0), operation('receive', 1, port)]],
    ['with a message that is an event', [post(0), operation('event', 1, queue(OTHER), port)]],
    [
      'when the writer calls a task of the reader, which sleeps',
      [wait(1), notify(0), operation('event', 1, queue(FLAG))],
    ],
    ['through two threads', [store(0), load(2), store(2, OTHER), load(1, OTHER)]],
  ])('%s', (_, between) => {
    expect(findRace([write(0), ...between, read(1)])).toBeNull()
  })
})

describe('in one schedule, a write races with a read', () => {
  it.each<[string, Operation[]]>([
    ['when nothing is between them', []],
    ['when only one of them uses the word', [store(0), load(1, OTHER)]],
    ['when the word is stored to by another thread, which was told nothing', [store(0), store(2), load(1)]],
    ['when the exchange misses, which writes nothing', [missed(0), load(1)]],
    ['when the writer waits, which only looks at the word', [wait(0), load(1)]],
    ['when the reader waited for words to change, which it had looked at before', [store(0), loadAfterChange(1)]],
    ['when the message comes through another port', [post(0), operation('receive', 1, { ...port, from: -3 })]],
    ['when the reader has only sent a message too', [post(0), post(1)]],
    ['when the reader comes first', [load(1), store(0)]],
  ])('%s', (_, between) => {
    expect(findRace([write(0), ...between, read(1)])).toEqual({
      kind: 'data-race',
      first: 0,
      second: between.length + 1,
    })
  })

  it('that is not hidden by a later access of the writer', () => {
    expect(findRace([write(0), read(0), read(1)])).toMatchObject({ first: 0, second: 2 })
  })

  it('but not with one of the same thread, nor do two reads', () => {
    expect(findRace([write(0), read(0)])).toBeNull()
    expect(findRace([read(0), read(1)])).toBeNull()
  })
})

describe('in one schedule, atomic accesses', () => {
  const byte = (kind: OperationKind, thread: number, writes: boolean) =>
    operation(kind, thread, { from: 5, to: 6, writes })

  it('of one word are no race', () => {
    expect(findRace([store(0), load(1), update(2), store(1)])).toBeNull()
  })

  it('of unlike widths do not exclude each other, and pass nothing on', () => {
    expect(findRace([store(0), byte('load', 1, false)])).toEqual({ kind: 'mixed-size', first: 0, second: 1 })
    const first = operation('load', 1, { from: 4, to: 5, writes: false })
    expect(findRace([store(0), first])).toMatchObject({ kind: 'mixed-size' })
  })

  it('of unlike widths are right when something else puts them in an order, and when both read', () => {
    expect(findRace([store(0), store(0, OTHER), load(1, OTHER), byte('store', 1, true)])).toBeNull()
    expect(findRace([load(0), byte('load', 1, false)])).toBeNull()
  })
})
