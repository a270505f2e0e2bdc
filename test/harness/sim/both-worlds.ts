import { expect } from 'vitest'
import { simulate } from '../../../harness/sim/simulate.ts'

/**
 * Runs one body on real Node and in the simulated world, and expects the same of both: what it resolves to, or what it
 * throws. Returns what that was.
 */
export async function sameInBothWorlds<T>(body: () => Promise<T> | T): Promise<T> {
  const real = await body()
  const { value, status, findings } = await simulate(body)
  expect({ status, findings }).toEqual({ status: 'done', findings: [] })
  expect(value).toEqual(real)
  return real
}

/** What a call throws, or its promise rejects with: the class's name, the code and the message. */
export async function thrownBy(
  call: () => unknown,
): Promise<{ name: string; code: unknown; message: string } | undefined> {
  try {
    await call()
    return undefined
  } catch (thrown) {
    const { name, message, code } = thrown as NodeJS.ErrnoException
    return { name, code, message }
  }
}
