import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { check } from 'raceproof'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../../harness/entry.ts'

const readme = readFileSync(join(packageRoot, 'harness/check/README.md'), 'utf8')

/** The rows of the table whose first heading is this: the cells of each, by their headings. */
function tableOf(first: string): Record<string, string>[] {
  const lines = readme.split('\n')
  const head = lines.findIndex((line) => line.startsWith(`| ${first} |`))
  const rest = lines.slice(head)
  const end = rest.findIndex((line) => !line.startsWith('|'))
  const [headings, , ...rows] = rest.slice(0, end).map(cellsOf)
  return rows.map((cells) => Object.fromEntries(headings!.map((heading, place) => [heading, cells[place] ?? ''])))
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}

/** What has fewer than three words says nothing. */
const isTold = (cell: string) => cell.split(/\s+/).length >= 3

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
const everyCheck = [...Object.keys(check).map(kebab), 'data-race']

describe('the README of the checks', () => {
  const checks = tableOf('check')
  const entries = tableOf('what you see')

  it('has a row for each check, and for nothing else', () => {
    expect(checks.map((row) => row.check!.replaceAll('`', '')).sort()).toEqual(everyCheck.sort())
  })

  it.each(checks)('says symptom, cause, detection and fix of $check', (row) => {
    const { check: _, ...parts } = row
    expect(Object.keys(parts)).toEqual(['symptom', 'usual cause', 'how it is detected', 'fix'])
    expect(Object.entries(parts).filter(([, part]) => !isTold(part))).toEqual([])
  })

  it.each([
    ['a memory leak', /memory grows/i],
    ['an error while a cache is walked', /loop over a cache/],
    ['a server that hangs', /server hangs/],
    ['a server that became slow', /slow when locks came in/],
    ['a deadlock by a callback', /deadlock only when a listener or callback/],
    ['a change to a copy', /change to an object that was returned/],
  ])('leads from the symptom to the fix for %s', (_, symptom) => {
    const found = entries.filter((row) => symptom.test(row['what you see']!))
    expect(found).toHaveLength(1)
    const { 'what it mostly is': cause, 'what to look at': detection, 'what to do': fix } = found[0]!
    expect([cause, detection, fix].filter((part) => !isTold(part!))).toEqual([])
  })

  it('sends nobody to a check that there is not', () => {
    const named = entries.flatMap((row) => row['what to look at']!.match(/`[a-z]+(-[a-z]+)*`/g) ?? [])
    expect(named).not.toEqual([])
    expect(named.map((name) => name.replaceAll('`', '')).filter((name) => !everyCheck.includes(name))).toEqual([])
  })

  it.each(Object.keys(check))('explains the options of %s that the README names as the code has them', (name) => {
    const source = readFileSync(join(packageRoot, 'harness/check', fileOf(name)), 'utf8')
    const [, options = ''] = new RegExp(`^- \`${name}\\(\\{ (.+?) \\}\\)`, 'm').exec(readme) ?? []
    const unknown = options
      .split(', ')
      .filter((option) => option !== '' && !new RegExp(`\\b${option}\\??:`).test(source))
    expect(unknown).toEqual([])
  })
})

/** Where the options are that are not in the check's own file. */
const elsewhere: Record<string, string> = { linearizable: 'linearizable/linearizable.ts', leftovers: 'leaks.ts' }

function fileOf(name: string): string {
  return elsewhere[name] ?? `${kebab(name)}.ts`
}
