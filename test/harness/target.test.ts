import { describe, expect, it } from 'vitest'
import { defineTarget, expectRunning } from '../../harness/target.ts'

const sound = {
  name: 'likes',
  module: import.meta.url,
  start: async () => ({ url: null, async stop() {} }),
  client: () => ({}),
}
// The input of a user's file is not typed, so these tests go around the types as such a file does.
const declare = (change: object) => () => defineTarget({ ...sound, ...change } as never)

describe('defineTarget', () => {
  it('takes what another target says', () => {
    const { defects, ...likes } = declare({})()
    expect(likes).toMatchObject({ name: 'likes', about: 'likes', parts: {}, config: {} })
    expect(declare({ ...likes, defects, name: 'votes' })()).toMatchObject({ name: 'votes', about: 'likes' })
  })

  it.each([
    ['no name', { name: undefined }, "target 'undefined': name must be a text such as 'likes', got undefined"],
    ['no module', { module: undefined }, "target 'likes': module must be import.meta.url of its file, got undefined"],
    ['no start', { start: undefined }, 'start must be an async function, got undefined'],
    ['no client', { client: {} }, 'client must be a function that makes a client, got object'],
    ['a field that nobody reads', { defect: [] }, "there is no field 'defect'. Did you mean 'defects'?"],
  ])('refuses %s', (_, change, message) => {
    expect(declare(change)).toThrow(
      expect.objectContaining({ code: 'ERR_SCENARIO_INVALID', message: expect.stringContaining(message) }),
    )
  })
})

describe('what a target was started to', () => {
  it.each([
    { url: 'http://127.0.0.1:80', stop: async () => {} },
    { url: null, stop: async () => {} },
  ])('is %o', (running) => {
    expect(expectRunning(running)).toBe(running)
  })

  it.each([undefined, 'http://127.0.0.1:80', { url: 'http://127.0.0.1:80' }, { url: '80', stop() {} }, { stop() {} }])(
    'is not %o',
    (running) => {
      expect(() => expectRunning(running as never)).toThrow(/^expected start\(\) to resolve with \{ url, stop\(\) \}/)
    },
  )
})
