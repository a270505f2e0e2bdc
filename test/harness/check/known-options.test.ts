import { expect, it } from 'vitest'
import { check } from '../../../harness/check/checks.ts'

it.each([
  ['delivery', { terminals: ['done'] }, "check.delivery(): there is no field 'terminals'. Did you mean 'terminal'?"],
  ['serverErrors', { expect: [/full/] }, "check.serverErrors(): there is no field 'expect'. Did you mean 'expected'?"],
  ['linearizable', { modle: 1 }, "check.linearizable(): there is no field 'modle'. Did you mean 'model'?"],
] as const)('refuses an option that the check %s does not read', (name, options, message) => {
  expect(() => check[name](options as never)).toThrow(message)
})

it('makes a check that needs no options without them', () => {
  expect(check.doubleLoads.name).toBe('doubleLoads')
  expect(check.progress().name).toBe('progress')
  expect(check.serverErrors({}).name).toBe('server-errors')
})
