import { getSystemErrorMap } from 'node:util'

const codes = new Map([...getSystemErrorMap()].map(([code, [name]]) => [name, code]))

/** libuv's number for an error, as native handles return it: negative, and different on each platform. */
export function uvCode(name: string): number {
  const code = codes.get(name)
  if (code === undefined) throw new RangeError(`libuv has no error called ${name}`)
  return code
}
