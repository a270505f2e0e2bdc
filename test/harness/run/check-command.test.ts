import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../../harness/entry.ts'
import { checkCommand } from '../../../harness/run/check-command.ts'

const corpus = join(packageRoot, 'test/histories/linearizable')
const broken = join(packageRoot, 'test/histories/broken')

/** Files that say nothing certain: what must be named, each with its line. */
const unjudged: Record<string, string[]> = {
  'cut-off.jsonl': ['the file breaks off in line 5; what is before it was judged, and is linearizable'],
  'cut-off.edn': ['the file breaks off in line 3; what is before it was judged, and is linearizable'],
  'cut-off.log': ['the file breaks off in line 3; what is before it was judged, and is linearizable'],
  'completion-without-call.jsonl': ["line 5: client c2 completes 'read' (call 2), which it had not begun"],
  'completion-without-call.edn': ["line 3: client 1 completes 'read'"],
  'completion-of-another-call.jsonl': ["line 4: client c1 completes 'read' (call 7), which it had not begun"],
  'two-open-calls.jsonl': ["line 6: client c0 begins 'write' while its call 'read' is open"],
  'time-goes-backwards.jsonl': ['line 4: time goes backwards, from 2 to 1.5 ms'],
  'unknown-operations.jsonl': [
    "line 5: 'increment' is no operation of the model register",
    "line 8: 'clear' is no operation of the model register, which knows read, write",
  ],
  'damaged-in-the-middle.jsonl': ['line 2: expected one JSON value, got {"type":"ok","timeMs":1,"cl'],
  'not-an-event.jsonl': ['line 3: expected a known event type, got "begin"'],
  'nothing-completed.jsonl': ['no call was completed'],
}
/** Files that are no history at all: the command throws, and the program ends with exit code 3. */
const refused = ['empty.jsonl', 'not-a-history.txt']
const invalidUpToCut = 'cut-off-after-a-contradiction.jsonl'

async function check(path: string, model: string) {
  const told = await checkCommand({ path, model, json: false })
  const { text, exitCode } = await checkCommand({ path, model, json: true })
  expect(exitCode).toBe(told.exitCode)
  return { text: told.text, exitCode, answer: JSON.parse(text) }
}

describe('checkCommand', () => {
  it('answers a good history with valid and exit code 0', async () => {
    const { text, exitCode, answer } = await check(join(corpus, 'queue.timed-out-dequeue-took-it.ok.jsonl'), 'queue')
    expect(exitCode).toBe(0)
    expect(text).toMatch(/^valid: /)
    expect(answer).toMatchObject({ verdict: 'valid', model: 'queue', reason: null, prefix: null, witness: [] })
  })

  it('answers a bad one with invalid and exit code 1, the reason and the time-line as text, the calls as data', async () => {
    const { text, exitCode, answer } = await check(join(corpus, 'counter.lost-increment.bad.jsonl'), 'counter')
    expect(exitCode).toBe(1)
    expect(text).toMatch(/^invalid: /)
    expect(text).toContain(answer.reason)
    expect(text).toMatch(/^ t +a +b$/m)
    expect(answer).toMatchObject({ verdict: 'invalid', checker: expect.any(String), complexity: expect.any(String) })
    expect(answer.prefix).toMatchObject({ smallest: true, events: expect.any(Number) })
    expect(answer.witness.length).toBeGreaterThan(0)
  })

  it.each(Object.entries(unjudged))(
    'never calls %s valid, and says what is wrong in which line',
    async (file, said) => {
      const { text, exitCode, answer } = await check(join(broken, file), 'register')
      expect(exitCode).toBe(2)
      expect(answer.verdict).toBe('unknown')
      for (const part of said) {
        expect(text).toContain(part)
        expect(answer.reason).toContain(part)
      }
      const lines = said.flatMap((part) => /^line (\d+)/.exec(part)?.[1] ?? []).map(Number)
      expect(answer.problems.map(({ line }: { line: number }) => line)).toEqual(lines)
    },
  )

  it('says what is impossible before a cut, as more events cannot make that possible', async () => {
    const { exitCode, answer } = await check(join(broken, invalidUpToCut), 'register')
    expect(exitCode).toBe(1)
    expect(answer.reason).toContain('breaks off in line 5')
  })

  it.each(refused)('refuses %s', async (file) => {
    await expect(check(join(broken, file), 'register')).rejects.toMatchObject({ code: 'ERR_RECORD_INVALID' })
  })

  it('refuses a model that does not exist, and names those that do', async () => {
    const asked = check(join(broken, 'cut-off.jsonl'), 'registry')
    await expect(asked).rejects.toMatchObject({
      code: 'ERR_UNKNOWN_NAME',
      message: expect.stringContaining('session-registry'),
    })
  })

  it('was asked about every broken file', () => {
    const asked = [...Object.keys(unjudged), ...refused, invalidUpToCut]
    expect(readdirSync(broken).sort()).toEqual(asked.sort())
  })
})
