import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HistoryEvent } from '../../../harness/history/event.ts'
import { Journal, readHistory } from '../../../harness/history/journal.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raceproof-test-'))
  path = join(folder, 'history.jsonl')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const invoke = (timeMs: number, call: number): HistoryEvent => ({
  type: 'invoke',
  timeMs,
  client: 'c0',
  call,
  f: 'read',
  input: null,
})
const probe = (timeMs: number): HistoryEvent => ({
  type: 'probe',
  timeMs,
  process: 'target-1',
  topic: 'resource',
  value: { event: 'open', resource: 'stream', id: 's' },
})

describe('a journal', () => {
  it('writes a history that is read back as it was', async () => {
    const events: HistoryEvent[] = [
      { type: 'phase', timeMs: 0, phase: 'boot', round: 0 },
      invoke(1, 0),
      { type: 'ok', timeMs: 2.125, client: 'c0', call: 0, f: 'read', output: { text: 'line\u2028 and\nline' } },
      {
        type: 'observe',
        f: 'subscribe',
        timeMs: 3,
        client: 'c0',
        subscriber: 'c0/0',
        stream: 's',
        after: 0,
        via: 'sse',
      },
      {
        type: 'observe',
        f: 'event',
        timeMs: 4,
        client: 'c0',
        subscriber: 'c0/0',
        stream: 's',
        id: 1,
        kind: 'log',
        data: [1],
      },
      { type: 'observe', f: 'gap', timeMs: 5, client: 'c0', subscriber: 'c0/0', stream: 's', from: 2, to: 3 },
      { type: 'observe', f: 'end', timeMs: 6, client: 'c0', subscriber: 'c0/0', stream: 's', reason: 'dropped' },
      probe(7),
      { type: 'fault', timeMs: 8, fault: 'reset', action: 'start', scope: 'c0' },
      { type: 'step', timeMs: 9, name: 'steady', action: 'begin', round: 1 },
      { type: 'audit', timeMs: 10, round: 1, counts: { sockets: 0 }, blind: [], items: [] },
      {
        type: 'target',
        timeMs: 11,
        event: 'exited',
        process: 'target-1',
        detail: 'exited with code 0',
        expected: true,
      },
    ]
    const journal = await Journal.create(path)
    for (const event of events) journal.add(event)
    await journal.close()
    expect(await readHistory(path)).toEqual({ history: events, truncated: null })
    expect(journal.history()).toEqual(events)
  })

  it('puts events that come late in their place, in memory and on disk', async () => {
    const journal = await Journal.create(path)
    journal.add(invoke(10, 0))
    journal.add(probe(5))
    journal.add(invoke(30, 1))
    await journal.flush(20)
    journal.add(probe(25))
    journal.add(probe(15))
    expect(journal.history().map(({ timeMs }) => timeMs)).toEqual([5, 10, 15, 25, 30])
    await journal.close()
    const lines = (await readFile(path, 'utf8')).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).timeMs)).toEqual([5, 10, 15, 25, 30])
  })

  it('restores the order of an event that came after its time had been written', async () => {
    const journal = await Journal.create(path)
    journal.add(invoke(10, 0))
    await journal.flush(20)
    journal.add(probe(5))
    await journal.close()
    const { history } = await readHistory(path)
    expect(history.map(({ timeMs }) => timeMs)).toEqual([5, 10])
  })

  it('holds, up to the watermark, what was recorded before the process is gone', async () => {
    const journal = await Journal.create(path)
    journal.add(invoke(10, 0))
    journal.add(invoke(30, 1))
    await journal.flush(20)
    expect((await readHistory(path)).history).toEqual([invoke(10, 0)])
    await journal.close()
  })

  it('records what JSON cannot hold as text instead of failing the run', async () => {
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    const journal = await Journal.create(path)
    journal.add({ ...invoke(1, 0), input: 7n } as HistoryEvent)
    journal.add({ ...invoke(2, 1), input: cycle } as HistoryEvent)
    journal.add({ ...probe(3), value: cycle } as HistoryEvent)
    await journal.close()
    const { history } = await readHistory(path)
    expect(history).toMatchObject([
      { input: '7' },
      { input: '[object Object]' },
      { value: { unencodable: '[object Object]' } },
    ])
  })

  it('says that its file cannot be created', async () => {
    await expect(Journal.create(join(folder, 'missing', 'history.jsonl'))).rejects.toMatchObject({ code: 'ERR_OUTPUT' })
  })

  it.skipIf(process.platform !== 'linux')('keeps the failure of a full disk, and goes on in memory', async () => {
    const journal = await Journal.create('/dev/full')
    journal.add(invoke(1, 0))
    await journal.flush(5)
    expect(journal.failure).toMatchObject({ code: 'ERR_OUTPUT' })
    expect(journal.failure?.message).toContain('ENOSPC')
    journal.add(invoke(2, 1))
    expect(journal.history()).toHaveLength(2)
    await journal.close()
  })
})

describe('readHistory', () => {
  const line = (event: object) => `${JSON.stringify(event)}\n`

  it('reads up to a last line that was cut off, and reports it', async () => {
    await writeFile(path, line(invoke(1, 0)) + line(invoke(2, 1)).slice(0, 30))
    const { history, truncated } = await readHistory(path)
    expect(history).toEqual([invoke(1, 0)])
    expect(truncated).toContain('was cut off in line 2')
  })

  it('accepts a last line without a line feed that is whole', async () => {
    await writeFile(path, JSON.stringify(invoke(1, 0)))
    expect(await readHistory(path)).toEqual({ history: [invoke(1, 0)], truncated: null })
  })

  it.each([
    ['no JSON', 'oops\n', 'line 2: it is not JSON'],
    ['no object', '[1]\n', 'line 2: expected an object, got [1]'],
    ['an unknown type', line({ type: 'shrug', timeMs: 1 }), "line 2: 'shrug' is no type of event"],
    ['an unknown observation', line({ type: 'observe', f: 'x', timeMs: 1 }), "line 2: 'observe x' is no type of event"],
    [
      'a missing field',
      line({ type: 'invoke', timeMs: 1, client: 'c0', f: 'read' }),
      "field 'call' of 'invoke' must be a number",
    ],
    ['no time', line({ type: 'phase', phase: 'boot', round: 0 }), "field 'timeMs' of 'phase' must be a number"],
  ])('names the line with %s', async (_, wrong, message) => {
    await writeFile(path, line(invoke(1, 0)) + wrong)
    await appendFile(path, line(invoke(3, 1)))
    const reading = readHistory(path)
    await expect(reading).rejects.toMatchObject({ code: 'ERR_RECORD_INVALID' })
    await expect(reading).rejects.toThrow(message)
  })

  it('says that there is no such file', async () => {
    await expect(readHistory(path)).rejects.toMatchObject({ code: 'ERR_RECORD_INVALID' })
  })
})
