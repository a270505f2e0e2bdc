import { Random } from '../../random.ts'
import type { Operation } from '../operation.ts'
import type { Strategy } from './strategy.ts'

/** Every thread that can go on is equally likely to be the next. */
export function randomWalk(seed: number): Strategy {
  const random = new Random(`${seed}/threads/random-walk`)
  return {
    name: 'random',
    begin() {},
    pick: (enabled) => enabled[random.bits() % enabled.length] as Operation,
    end: () => true,
  }
}
