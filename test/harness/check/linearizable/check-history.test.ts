import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../../../harness/entry.ts'
import { answerText, checkHistory } from '../../../../harness/run/check-history.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'check-history-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function check(text: string, model: string, budget = {}) {
  const path = join(folder, 'history')
  await writeFile(path, text)
  return checkHistory(path, model, budget)
}

/** Events as lines of JSONL: `c0 write 1`, `c0 ok`, with a time for each that grows by one. */
function jsonl(...lines: string[]): string {
  return lines
    .map((line, timeMs) => {
      const [client, word, value] = line.split(' ') as [string, string, string | undefined]
      const argument = value === undefined ? undefined : JSON.parse(value)
      const event = ['ok', 'fail', 'info'].includes(word)
        ? { timeMs, type: word, client, output: argument }
        : { timeMs, type: 'invoke', client, f: word, input: argument }
      return `${JSON.stringify(event)}\n`
    })
    .join('')
}

describe('checkHistory', () => {
  it('judges our own JSONL, other events between the calls', async () => {
    const { verdict, calls, format, checker, complexity } = await check(
      `{"type":"phase","timeMs":0,"phase":"storm","round":1}\n${jsonl('c0 write 1', 'c0 ok', 'c1 read', 'c1 ok 1')}`,
      'register',
    )
    expect({ verdict, calls, format }).toEqual({ verdict: 'valid', calls: 2, format: 'JSONL' })
    expect(checker).toBe('register monitor (unique writes)')
    expect(complexity).toContain('O(n log n)')
  })

  it('judges a Jepsen history in EDN, and skips its nemesis', async () => {
    const text = `; a comment
{:process 0, :type :invoke, :f :write, :value 1, :time 1000}
{:process :nemesis, :type :info, :f :partition, :value [:n1 :n2]}
{:process 0, :type :ok, :f :write, :value 1, :time 2000}
{:process 1, :type :invoke, :f :cas, :value [1 2]}
{:process 1, :type :info, :f :cas, :value [1 2], :error "timed out"}
{:process 2, :type :invoke, :f :read, :value nil}
{:process 2, :type :ok, :f :read, :value 2}
`
    expect(await check(text, 'cas-register')).toMatchObject({ verdict: 'valid', calls: 3, format: 'Jepsen EDN' })
    expect(await check(text.replace(':value 2}', ':value 3}'), 'cas-register')).toMatchObject({
      verdict: 'invalid',
      prefix: { events: 6, smallest: true },
    })
  })

  it('judges a Jepsen history that is one vector, with independent keys', async () => {
    const text = `[{:process 0 :type :invoke :f :write :value #jepsen.independent/tuple [7 1]}
 {:process 0 :type :ok :f :write :value #jepsen.independent/tuple [7 1]}
 {:process 0 :type :invoke :f :read :value #jepsen.independent/tuple [7 nil]}
 {:process 0 :type :ok :f :read :value #jepsen.independent/tuple [7 nil]}]`
    expect(await check(text, 'register')).toMatchObject({ verdict: 'invalid', prefix: { key: '7', calls: 2 } })
  })

  it('judges the log of a Jepsen run, in which a failed cas is an answer', async () => {
    const line = (process: number, type: string, f: string, value: string) =>
      `INFO  jepsen.util - ${process}\t:${type}\t:${f}\t${value}\n`
    const text =
      'INFO  jepsen.core - Worker 0 starting\n' +
      line(0, 'invoke', 'write', '1') +
      line(0, 'ok', 'write', '1') +
      line(1, 'invoke', 'cas', '[1 2]') +
      line(1, 'fail', 'cas', '[1 2]')
    const { verdict, format, witness } = await check(text, 'cas-register')
    expect({ verdict, format }).toEqual({ verdict: 'invalid', format: 'Jepsen log' })
    expect(witness.map(({ text }) => text)).toEqual(['write(1)', 'cas([1,2]) → false'])
  })

  it('judges a history that breaks off up to there, and never calls it valid', async () => {
    const cut = '{"timeMs":9,"type":"inv'
    const good = await check(jsonl('c0 write 1', 'c0 ok', 'c1 read', 'c1 ok 1') + cut, 'register')
    expect(good).toMatchObject({ verdict: 'unknown', calls: 2 })
    expect(good.reason).toContain('breaks off in line 5')
    const bad = await check(jsonl('c0 write 1', 'c0 ok', 'c1 read', 'c1 ok null') + cut, 'register')
    expect(bad.verdict).toBe('invalid')
    expect(bad.reason).toContain('breaks off in line 5')
    const edn = await check('{:process 0, :type :invoke, :f :read}\n{:process 0, :type :ok, :f :read, :va', 'register')
    expect(edn).toMatchObject({ verdict: 'unknown', reason: expect.stringContaining('breaks off in line 2') })
  })

  it.each([
    ['a completion without its call', jsonl('c0 read', 'c0 ok', 'c0 ok'), 'line 3: client c0 completes'],
    ['two open calls of one client', jsonl('c0 read', 'c0 read'), "line 2: client c0 begins 'read' while"],
    [
      'time that goes backwards',
      '{"type":"invoke","timeMs":5,"client":"a","f":"read"}\n{"type":"ok","timeMs":4,"client":"a","output":null}\n',
      'line 2: time goes backwards, from 5 to 4 ms',
    ],
    [
      'an operation that the model does not know',
      jsonl('c0 read', 'c0 ok', 'c1 frobnicate'),
      "line 3: 'frobnicate' is no",
    ],
    ['damage in the middle', `{"type":"in\n${jsonl('c0 read', 'c0 ok')}`, 'line 1: expected one JSON value'],
    [
      'an event of no known type',
      `{"type":"begin"}\n${jsonl('c0 read', 'c0 ok')}`,
      'line 1: expected a known event type',
    ],
    [
      'a call of nobody',
      `{"type":"invoke","f":"read"}\n${jsonl('c0 read', 'c0 ok')}`,
      "line 1: expected a client's name",
    ],
  ])('names %s with its line, and answers unknown', async (_, text, problem) => {
    const { verdict, reason, witness } = await check(text, 'register')
    expect(verdict).toBe('unknown')
    expect(reason).toContain(problem)
    expect(witness).toEqual([])
  })

  it('does not call a history valid in which nothing was completed', async () => {
    expect(await check(jsonl('c0 write 1', 'c0 info'), 'register')).toMatchObject({ verdict: 'unknown' })
  })

  it('refuses what it cannot judge at all, with a code', async () => {
    await expect(check('', 'register')).rejects.toMatchObject({ code: 'ERR_RECORD_INVALID' })
    await expect(check('hello', 'register')).rejects.toMatchObject({ code: 'ERR_RECORD_INVALID' })
    await expect(check(jsonl('c0 read'), 'regsiter')).rejects.toMatchObject({ code: 'ERR_UNKNOWN_NAME' })
    await expect(checkHistory(join(folder, 'none'), 'register')).rejects.toMatchObject({ code: 'ERR_RECORD_INVALID' })
  })

  it('ends in unknown when the budget is used up', async () => {
    const text = jsonl('c0 write 1', 'c1 write 1', 'c2 read', 'c2 ok 1', 'c0 ok', 'c1 ok')
    const { verdict, reason } = await check(text, 'register', { steps: 1 })
    expect(verdict).toBe('unknown')
    expect(reason).toContain('budget of 1 steps')
  })

  it('tells the answer as text, with the calls as a time-line', async () => {
    const told = answerText(await check(jsonl('c0 write 1', 'c0 ok', 'c1 read', 'c1 ok null'), 'register'))
    expect(told.split('\n')).toEqual([
      'invalid: 2 calls against the model register (JSONL)',
      'checked by register monitor (unique writes); O(n log n), Gibbons and Korach 1997',
      '',
      '1 was written, and replaced, within a time in which the value had to stay null.',
      'The first 4 events, with 2 calls, are the smallest beginning that is impossible.',
      '',
      ' t          c0           c1',
      ' 0.000 ms   write(1) …',
      ' 1.000 ms   → ok',
      ' 2.000 ms                read() …',
      ' 3.000 ms                → null',
    ])
  })
})

describe('the calls around a contradiction', () => {
  it('are drawn in brackets, and are data', async () => {
    const text = jsonl('c0 write 1', 'c0 ok', 'c1 read', 'c2 read', 'c1 ok null', 'c2 ok 1')
    const answered = await check(text, 'register')
    expect(answered.witness.map(({ client }) => client)).toEqual(['c0', 'c1'])
    expect(answered.around.map(({ client, outcome }) => ({ client, outcome }))).toEqual([
      { client: 'c2', outcome: 'pending' },
    ])
    expect(answerText(answered).split('\n').slice(6)).toEqual([
      ' t          c0           c1         c2',
      ' 0.000 ms   write(1) …',
      ' 1.000 ms   → ok',
      ' 2.000 ms                read() …',
      ' 3.000 ms                           (read() …)',
      ' 4.000 ms                → null',
      '',
      'In brackets: other calls that went on at the end.',
    ])
  })
})

describe("Porcupine's histories", () => {
  const data = join(packageRoot, '../shared/data/porcupine')
  const present = existsSync(join(data, 'INDEX.csv'))
  if (!present) console.log(`Porcupine's histories are not at ${data}: their verdicts are not tested here`)

  it.skipIf(!present)('have the verdicts of their index, every file', async () => {
    const [, ...rows] = readFileSync(join(data, 'INDEX.csv'), 'utf8').trim().split('\n')
    const verdicts = await Promise.all(
      rows.map(async (row) => {
        const [file, format, expected] = row.split(',') as [string, string, string]
        const { verdict } = await checkHistory(join(data, file), format.includes('kv') ? 'kv-append' : 'cas-register')
        return { file, verdict, expected: expected === 'true' ? 'valid' : 'invalid' }
      }),
    )
    expect(verdicts.length).toBeGreaterThan(50)
    expect(verdicts.filter(({ verdict, expected }) => verdict !== expected)).toEqual([])
  })
})
