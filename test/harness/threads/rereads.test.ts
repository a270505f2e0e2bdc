import { describe, expect, it } from 'vitest'
import type { Access, Operation } from '../../../harness/threads/operation.ts'
import { Rereads } from '../../../harness/threads/rereads.ts'

const accessTo = (word: number): Access => ({ from: 4 * word, to: 4 * word + 4, writes: false })
const loadOf = (word: number): Operation => ({
  kind: 'load',
  thread: 0,
  accesses: [accessTo(word)],
  enabled: () => true,
  perform: () => undefined,
})

/** A thread that goes around and around over so many words. */
function around(words: number) {
  const memory = Array.from({ length: words }, () => 0)
  const rereads = new Rereads()
  const read = (word: number) => rereads.note(accessTo(word), memory[word], { current: () => memory[word] })
  return { memory, rereads, read, readAll: () => memory.forEach((_, word) => void read(word)) }
}

describe.each([1, 8, 9, 40])('a thread that reads the same %i words again and again', (words) => {
  const last = words - 1

  it('waits until one of them is different', () => {
    const { memory, rereads, readAll } = around(words)
    for (let times = 0; times < 4; times++) readAll()
    const waiting = rereads.delayed(loadOf(last))
    const places = memory.map((_, word) => accessTo(word))
    expect(waiting.insisting?.accesses).toEqual([accessTo(last)])
    expect(waiting.accesses).toEqual([accessTo(last), ...places])
    expect(waiting.enabled()).toBe(false)
    memory[last] = 1
    expect(waiting.enabled()).toBe(true)
  })

  it('does not wait where it has found something else the last time', () => {
    const { memory, rereads, read, readAll } = around(words)
    for (let times = 0; times < 4; times++) readAll()
    memory[last] = 1
    read(last)
    expect(rereads.delayed(loadOf(last)).insisting).toBeUndefined()
  })

  it('begins afresh when it changes something', () => {
    const { rereads, readAll } = around(words)
    for (let times = 0; times < 4; times++) readAll()
    rereads.clear()
    expect(rereads.delayed(loadOf(last)).insisting).toBeUndefined()
    for (let times = 0; times < 3; times++) readAll()
    expect(rereads.delayed(loadOf(last)).insisting).toBeUndefined()
    readAll()
    expect(rereads.delayed(loadOf(last)).insisting).toBeDefined()
  })

  it('keeps what it waits for when others it reads come later', () => {
    const { memory, rereads, readAll } = around(words)
    for (let times = 0; times < 4; times++) readAll()
    const waiting = rereads.delayed(loadOf(last))
    rereads.clear()
    memory.fill(1)
    readAll()
    expect(waiting.enabled()).toBe(true)
    memory.fill(0)
    expect(waiting.enabled()).toBe(false)
  })
})
