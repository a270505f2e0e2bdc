import { readFileSync } from 'node:fs'

/** Published schedules to the first bug, as printed (`8±6`, `12±3 (18/20)`), by the name of the column. */
export type Published = ReadonlyMap<string, string>

/** Reads the published figures of all programs, by program. The file has a heading and may quote its fields. */
export function readPublished(path: string): ReadonlyMap<string, Published> {
  const [heading = [], ...rows] = readFileSync(path, 'utf8').trim().split('\n').map(fieldsOf)
  return new Map(
    rows.map((fields) => [fields[0] ?? '', new Map(heading.map((name, at) => [name, fields[at] ?? ''] as const))]),
  )
}

/** The mean of a published figure; null when nothing was published or nothing found. */
export function meanOf(figure: string | undefined): number | null {
  const mean = Number.parseFloat(figure ?? '')
  return Number.isNaN(mean) ? null : mean
}

function fieldsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}
