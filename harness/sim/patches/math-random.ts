import { active } from '../active.ts'

/** `Math.random`: the seed's. */
export function patchMathRandom(): void {
  const { random } = Math
  Math.random = () => (active.current === undefined ? random() : active.current.random.real())
}
