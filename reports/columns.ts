import type { Table } from './tables.ts'

/**
 * A table as lines of text: names to the left, figures to the right. Widths count code points, which is right for all
 * that the harness itself writes.
 */
export function columns({ head, rows }: Table): string[] {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => width(row[column]))))
  const alignRight = head.map((_, column) => rows.every((row) => /^[+–\d]/.test(row[column] ?? '')))
  return all.map((row) =>
    head
      .map((_, column) => pad(row[column] ?? '', widths[column]!, alignRight[column]!))
      .join('  ')
      .trimEnd(),
  )
}

function width(text = ''): number {
  return [...text].length
}

function pad(text: string, columns: number, right: boolean): string {
  const space = ' '.repeat(columns - width(text))
  return right ? space + text : text + space
}
