import { Random } from '../../random.ts'
import type { SimEvent } from '../core/event.ts'
import type { Strategy } from './strategy.ts'

/** Every event that can happen now is equally likely to be the next. */
export function randomWalk(seed: number): Strategy {
  const random = new Random(`${seed}/random-walk`)
  return {
    name: 'random',
    pick: (enabled) => enabled[random.bits() % enabled.length] as SimEvent,
  }
}
