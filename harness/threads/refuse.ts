import { HarnessError } from '../errors.ts'
import type { Running } from './running.ts'

/**
 * Refuses what cannot be explored. In the code of a thread this fails the schedule whatever the code does about it, and the
 * message names the place; `why` also says what to do instead.
 */
export function refuse({ fiber }: Running, use: string, why: string): never {
  const place = fiber?.here() ?? null
  const at = place === null ? '' : ` at ${place}`
  const error = new HarnessError('ERR_WORLD_UNSUPPORTED', `${use}${at} cannot be explored: ${why}`)
  fiber?.refuse(error)
  throw error
}
