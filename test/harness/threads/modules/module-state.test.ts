import { describe, expect, it } from 'vitest'
import { mayHoldState } from '../../../../harness/threads/modules/module-state.ts'
import { parseCode } from '../../../../harness/threads/transform/parse-code.ts'

const holdsState = (code: string) => mayHoldState(parseCode(code, 'module.js', 'module'))

describe('a module may hold state', () => {
  it.each([
    ['a variable that is assigned', 'let n = 0; export function next() { return ++n }'],
    ['a variable that is assigned by a pattern', 'var a = 1; export function take(list) { [a] = list }'],
    ['a variable without a value', 'let cache; export const get = () => (cache ??= 1)'],
    ['a map that is filled', 'const jobs = new Map(); export function add(id) { jobs.set(id, 1) }'],
    ['a list that is handed out', 'const list = [1, 2]; export const all = () => list'],
    ['a table that is changed', 'const table = { a: 1 }; export const set = () => { table.a = 2 }'],
    ['a table whose field is counted up', 'const table = { a: 1 }; export const set = () => table.a++'],
    ['a table of tables', 'const table = { a: [] }; export const add = () => table.a.push(1)'],
    ['an object of a class of its own', 'class A {} export const a = new A()'],
    ['a class with a static field', 'export class A { static made = 0 }'],
    ['a function that is given a property', 'export function f() { f.calls = 1 }'],
    ['a result of a call', 'import { make } from "x"; export const made = make()'],
    ['a regular expression that remembers', 'const r = /a/g; export const test = (s) => r.test(s)'],
    ['something that it does', 'import { register } from "x"; register()'],
    ['a shared buffer', 'export const buffer = new SharedArrayBuffer(8)'],
  ])('when it has %s', (_, code) => {
    expect(holdsState(code)).toBe(true)
  })

  it.each([
    ['functions and classes', 'export function f() {} export class A extends Error { n = 0; static of() {} }'],
    [
      'numbers and what is computed of them',
      'const A = 2; const B = A * 4 + Int32Array.BYTES_PER_ELEMENT; export { B }',
    ],
    ['a table that is looked up', 'const table = { a: 1 }; export const get = (key) => table[key] ?? table.a'],
    ['a set that is asked', 'const known = new Set(["a"]); export const isKnown = (a) => known.has(a)'],
    ['a map of lists that is read', 'const m = new Map([["a", 1]]); export const all = () => [...m]'],
    ['a symbol', 'const key = Symbol("key"); export const of = (o) => o[key]'],
    ['a regular expression', 'const r = /a/; export const test = (s) => r.test(s)'],
    [
      'a store for the async context',
      'import { AsyncLocalStorage } from "x"; const s = new AsyncLocalStorage(); export { s }',
    ],
    ['a name that a function uses for itself', 'const a = 1; export function f() { let b = a; b++; return b }'],
    ['classes whose objects have fields', 'export class A { constructor() { this.n = 0 } next() { return ++this.n } }'],
  ])('but not when it has %s', (_, code) => {
    expect(holdsState(code)).toBe(false)
  })
})
