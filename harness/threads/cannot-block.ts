import type { Fiber } from './fiber.ts'
import { type IntegerArray, real } from './real-atomics.ts'

/**
 * What `Atomics.wait` does in an agent whose [[CanBlock]] is false (ECMA-262, AgentCanSuspend): when its arguments have been
 * found good it throws, whatever the word holds and however short the wait would be. It looks at no memory, so that it is no
 * operation, and comes to the same whenever the thread is run again.
 */
export function cannotBlock(fiber: Fiber, array: IntegerArray, index: number): never {
  fiber.pass()
  // Throws for arrays that cannot be waited on, and does nothing else.
  real.notify(array, index, 0)
  throw new TypeError('Atomics.wait cannot be called in this context')
}
