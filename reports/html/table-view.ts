import type { Table } from '../tables.ts'
import { type Html, html } from './html.ts'

/** A table under its title, and a picture of it in between; columns of figures are aligned to the right. */
export function tableView({ title, head, rows, note }: Table, picture: Html | null = null): Html {
  const figure = head.map((_, column) => rows.every((row) => /^[+–\d]/.test(row[column] ?? '')))
  const align = (column: number) => (figure[column] ? 'figure' : '')
  return html`<h3>${title}</h3>
${picture}
<div class="wide"><table>
<thead><tr>${head.map((name, column) => html`<th class="${align(column)}">${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    (
      row,
    ) => html`<tr>${row.map((cell, column) => html`<td class="${cellClass(cell) || align(column)}">${cell}</td>`)}</tr>
`,
  )}</tbody>
</table></div>
${note === undefined ? null : html`<p class="note">${note}</p>`}`
}

/** Verdicts are coloured wherever they stand in a table. */
function cellClass(cell: string): string {
  return cell === 'valid' || cell === 'invalid' || cell === 'unknown' ? cell : ''
}
