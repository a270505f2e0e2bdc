import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { packageRoot } from '../harness/entry.ts'
import { errorCodes } from '../harness/errors.ts'

it('lists every error code of the harness in its README, with the same words, and no other', () => {
  const readme = readFileSync(join(packageRoot, 'harness', 'README.md'), 'utf8')
  const rows = [...readme.matchAll(/^\| `(ERR_\w+)` \| (.+) \|$/gm)].map(([, code, when]) => [code, when])
  expect(Object.fromEntries(rows)).toEqual(errorCodes)
})
