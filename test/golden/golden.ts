import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'

/**
 * Compares a text with the file of that name in this folder. `UPDATE_GOLDEN=1` writes the file instead; read the
 * difference before committing it.
 */
export function expectGolden(name: string, text: string): void {
  const path = join(import.meta.dirname, name)
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, text)
  expect(text).toBe(readFileSync(path, 'utf8'))
}
