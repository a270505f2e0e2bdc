import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exploreThreads } from '../../../../harness/threads/explore-threads.ts'
import { wrapAccesses } from '../../../../harness/threads/transform/wrap-accesses.ts'
import { type Behaviour, compiled } from './behaviour.ts'

const size = 64

const accesses = compiled('words[0]', { rewritten: true })

/** What rewritten code does as the first thread of an exploration, on shared memory. */
async function asThread(code: string): Promise<Behaviour> {
  const run = compiled(code, { rewritten: true })
  const setup = () => ({ mine: new SharedArrayBuffer(size), other: new SharedArrayBuffer(size) })
  let behaviour: Behaviour | undefined
  const thread = ({ mine }: ReturnType<typeof setup>) => {
    behaviour = run(mine)
  }
  // Code without accesses has nothing to be seen, which would be refused, so there is another thread that has some.
  const threads = [thread, ({ other }: ReturnType<typeof setup>) => void accesses(other)]
  await exploreThreads({ setup, threads }, { plainAccesses: true, replay: '0*1' })
  return behaviour as Behaviour
}

/** Pieces of code in which a careless rewriting would show. */
const pieces: readonly (readonly [what: string, code: string])[] = [
  ['the order of evaluation', 'say(words)[say(1)] = say(2)'],
  ['the order in a compound assignment', 'say(words)[say(1)] += say(2); return words[1]'],
  ['an update and its value', 'return [words[0]++, ++words[0], words[1]--, --words[1]]'],
  ['what is written and what the expression is', 'return [(bytes[0] = 300), bytes[0], (floats[0] = 1.5), floats[0]]'],
  ['a value that is converted once', 'words[0] = { valueOf: () => say(7) }; return words[0]'],
  ['what cannot be converted', 'bigs[0] = 1'],
  [
    'a buffer',
    'const b = Buffer.from(bytes.buffer, 32, 4); b[0] = 257; b.writeInt16LE(-2, 1); return [b[0], b.readInt16LE(1), b.toString("hex", 0, 3)]',
  ],
  ['big integers', 'bigs[0] += 5n; return String(bigs[0])'],
  ['assignments that may not happen', 'words[0] &&= 5; words[0] ||= 6; words[0] ??= 7; return words[0]'],
  ['destructuring from elements', 'const [a, , b] = words; const { 1: c, length } = words; return [a, b, c, length]'],
  ['destructuring into elements', '[words[0], words[1]] = [words[1], words[0]]; ({ a: words[2] } = table)'],
  ['the value of an assigned pattern', 'let a; const all = ([a] = words); return all === words'],
  ['a missing object', 'const nothing = undefined; return nothing?.[say(0)]'],
  ['a chain that ends early', 'const nothing = null; return [nothing?.words[say(0)], table?.words[1]]'],
  ['an access to nothing', 'const nothing = null; return nothing[0]'],
  ['a write to nothing', 'const nothing = undefined; nothing[say(0)] = say(1)'],
  ['indexes that are none', 'words[-1] = 1; words[1.5] = 2; words[99] = 3; return [words[-1], words[1.5], words[99]]'],
  [
    'names in brackets',
    "const name = 'length'; return [words[name], words['length'], table['b'], words[Symbol.iterator] !== 0]",
  ],
  ['getters and their receiver', 'class A { n = 5; get [0]() { return this.n } } return new A()[0]'],
  ['setters and their receiver', 'class A { set [0](v) { this.n = v } } const a = new A(); a[0] = 3; return a.n'],
  ['private fields', 'class A { #all = words; first() { return this.#all[0] } } return new A().first()'],
  ['super', 'class A { 0() { return 1 } } class B extends A { 0() { return super[0]() } } return new B()[0]()'],
  ['methods called by a computed name', 'const at = "at"; return [words[at](1), list["at"](2), table.words.at(0)]'],
  [
    'a new object of a class in a table',
    'const classes = [Map]; return [new classes[0]([[1, 2]]).get(1), new (classes[0])().size]',
  ],
  ['a tagged template of a table', 'const tags = [(parts) => parts[0]]; return tags[0]`text`'],
  ['delete and in', 'delete list[0]; return [0 in list, 0 in words, 9 in words, delete table["a"], table]'],
  ['typeof and void', 'return [typeof words[0], typeof words[99], void words[0]]'],
  ['comma expressions', 'return (say(1), words)[0, 1]'],
  ['sparse and spread', 'return [[...words].length, Math.max(...words), { ...words }[2]]'],
  [
    'loops without braces',
    'let n = 0; for (const w of words) n += w; for (const i in list) n++; do n++; while (n < 50); return n',
  ],
  ['an empty loop', 'let n = 0; while (n++ < 5); return n'],
  [
    'a loop as the branch of a condition',
    'let n = 0; if (n) while (n) n--; else for (;;) if (++n > 3) break; return n',
  ],
  [
    'labels',
    'let n = 0; out: for (const a of list) for (const b of list) { if (b > 10) continue out; n += a + b } return n',
  ],
  ['a loop over elements', 'for (words[0] of list) say(words[0]); for (words[1] in list) say(words[1])'],
  ['caught errors', 'try { null[0] } catch (e) { say(e.name) } try { null[0] } catch { say(1) } finally { say(2) }'],
  [
    'fill, set, copyWithin',
    'words.fill(7, 1, -2); words.set([1, 2], 6); words.copyWithin(0, 6); return bytes.fill(1) === bytes',
  ],
  [
    'methods with callbacks',
    'return [words.map((w) => w * 2)[0], words.reduce((a, b) => a + b), words.find((w) => w > 4)]',
  ],
  ['sorting', 'words.sort((a, b) => b - a); bytes.reverse(); return [...words.toSorted()]'],
  ['methods that refuse', 'words.set([1], 99)'],
  [
    'a view',
    'view.setInt16(2, -5); view.setFloat64(8, 0.5, true); return [view.getInt16(2), view.getUint8(3), view.getFloat64(8, true)]',
  ],
  ['a view beyond its end', 'view.getInt32(99)'],
  ['a part of an array', 'const part = words.subarray(2, 4); part[0] = 99; return [words[2], part.length, part[1]]'],
  [
    'generators',
    'function* g() { words[yield 1] = yield 2 } const it = g(); it.next(); it.next(3); it.next(44); return words[3]',
  ],
  ['arguments', 'function f() { return arguments[1] } return f(1, 2)'],
  ['arrows and default values', 'const f = (a = words[0], { 0: b } = words) => [a, b]; return f()'],
  ['templates', `return \`\${words[0]}-\${words.join()}\``],
  ['an array of another kind of object', 'const o = { fill: (x) => say(x), set: () => 5 }; o.fill(3); return o.set()'],
  ['maps that are set', 'const m = new Map(); m.set(1, 2); return [m.get(1), [...m.values()], new Set(list).has(10)]'],
  ['statements without semicolons', 'let n = 1\nwords[0] = n\n;[n] = words\nn++\nwords[1]++\nreturn [n, words[1]]'],
]

describe('rewritten code', () => {
  it.each(pieces)('keeps %s, on memory of its own', (_, code) => {
    const [before, after] = [false, true].map((rewritten) => compiled(code, { rewritten })(new ArrayBuffer(size)))
    expect(after).toEqual(before)
  })

  it.each(pieces)('keeps %s, on shared memory and as a thread', async (_, code) => {
    const before = compiled(code, { rewritten: false })(new SharedArrayBuffer(size))
    expect(await asThread(code)).toEqual(before)
  })
})

/** Random programs over arrays, an object and a list, whose every part may log, assign or throw. */
const program = fc.letrec<{ value: string; statement: string; array: string }>((tie) => ({
  array: fc.constantFrom('words', 'bytes', 'floats', 'list', 'table.words', 'say(words)', '(say(0), bytes)', 'null'),
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ min: -1, max: 8 }).map(String),
    fc.tuple(tie('array'), tie('value')).map(([array, value]) => `${array}[${value}]`),
    fc.tuple(tie('array'), tie('value')).map(([array, value]) => `${array}?.[${value}]`),
    fc.tuple(tie('array'), tie('value')).map(([array, value]) => `${array}.at(${value})`),
    tie('value').map((value) => `say(${value})`),
    fc.tuple(tie('value'), tie('value')).map(([one, other]) => `(${one} + ${other})`),
    fc.tuple(tie('array'), tie('value')).map(([array, value]) => `${array}[${value}]++`),
    fc
      .tuple(tie('array'), tie('value'), fc.constantFrom('=', '+=', '-=', '||=', '??=', '**='), tie('value'))
      .map(([array, index, operator, value]) => `(${array}[${index}] ${operator} ${value})`),
  ),
  statement: fc.oneof(
    { maxDepth: 3 },
    tie('value').map((value) => `${value};`),
    fc.tuple(tie('array'), tie('value'), tie('value')).map((parts) => `${parts[0]}.fill(${parts[1]}, ${parts[2]});`),
    fc
      .tuple(tie('array'), tie('statement'))
      .map(([array, body]) => `for (const item of ${array}) { say(item); ${body} }`),
    fc.tuple(tie('array'), tie('array')).map(([one, other]) => `[${one}[0], ${one}[1]] = ${other};`),
    fc.tuple(tie('statement'), tie('statement')).map(([one, other]) => `try { ${one} } catch { ${other} }`),
    fc.tuple(tie('value'), tie('statement')).map(([value, body]) => `if (${value}) ${body}`),
    tie('statement').map((body) => `for (let n = 0; n < 2; n++) ${body}`),
  ),
})).statement

describe('random programs', () => {
  it('do the same on memory of their own after they were rewritten', () => {
    const same = fc.property(fc.array(program, { maxLength: 6 }), (statements) => {
      const code = statements.join('\n')
      const [before, after] = [false, true].map((rewritten) => compiled(code, { rewritten })(new ArrayBuffer(size)))
      expect(after).toEqual(before)
    })
    fc.assert(same, { numRuns: 800 })
  })

  it('do the same as a thread, on shared memory', async () => {
    const same = fc.asyncProperty(fc.array(program, { maxLength: 3 }), async (statements) => {
      const code = statements.join('\n')
      expect(await asThread(code)).toEqual(compiled(code, { rewritten: false })(new SharedArrayBuffer(size)))
    })
    await fc.assert(same, { numRuns: 150 })
  })
})

describe('the rewriting', () => {
  it('keeps every line, so that nothing is told at another one', () => {
    const code = 'for (;;)\n  words\n    [0]++\n\nwhile (x)\n  y[1]\ntry {\n} catch {\n}'
    expect(wrapAccesses(code, { file: 'a.js' }).code.split('\n')).toHaveLength(9)
  })

  it('names the line and the column where code does not parse', () => {
    expect(() => wrapAccesses('let a = 1\nlet a = 2', { file: '/x/a.js' })).toThrow(/^\/x\/a\.js:2:5: /)
  })
})
