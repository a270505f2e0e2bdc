import type { WitnessCall } from './answer.ts'
import { askedText, show } from './wording.ts'

interface Row {
  timeMs: number
  client: string
  text: string
  order: number
}

/**
 * Draws a few calls as a time-line, a column for each client:
 *
 * ```
 *  t          c0            c1
 *  0.000 ms   write(1) …
 *  1.000 ms   → ok
 *  2.000 ms                 read() …
 *  3.000 ms                 → null
 * ```
 *
 * The calls around them are drawn too, in brackets.
 */
export function timeline(witness: readonly WitnessCall[], around: readonly WitnessCall[] = []): string {
  const clients = [...new Set([...witness, ...around].map(({ client }) => client))]
  const beside = around.flatMap(rowsOf).map((row) => ({ ...row, text: `(${row.text})` }))
  const rows = [...witness.flatMap(rowsOf), ...beside].sort((one, other) => one.order - other.order)
  const times = rows.map(({ timeMs }) => `${timeMs.toFixed(3)} ms`)
  const timeWidth = Math.max(1, ...times.map(({ length }) => length))
  const widths = clients.map((client) => widthOf(client, rows))
  const line = (time: string, cells: readonly string[]) =>
    ` ${[time.padEnd(timeWidth), ...cells.map((cell, column) => cell.padEnd(widths[column]!))].join('   ').trimEnd()}`
  return [
    line('t', clients),
    ...rows.map(({ client, text }, row) =>
      line(
        times[row]!,
        clients.map((other) => (other === client ? text : '')),
      ),
    ),
  ].join('\n')
}

function rowsOf(call: WitnessCall): Row[] {
  const { client, output, invokedMs, returnedMs, start, end } = call
  const begin = { client, timeMs: invokedMs, text: `${askedText(call)} …`, order: start }
  if (returnedMs === null || end === null) return [begin]
  return [begin, { client, timeMs: returnedMs, text: `→ ${output === undefined ? 'ok' : show(output)}`, order: end }]
}

function widthOf(client: string, rows: readonly Row[]): number {
  const texts = rows.filter((row) => row.client === client).map(({ text }) => text.length)
  return Math.max(client.length, ...texts)
}
