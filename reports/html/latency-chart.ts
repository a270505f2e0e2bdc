import type { ScenarioRun } from '../../harness/record.ts'
import { milliseconds } from '../wording.ts'
import { type Html, html } from './html.ts'

type LatencyMs = ScenarioRun['latencyMs'][string]

/** Sizes in units of the drawing, which the page scales to its width. */
const labelWidth = 170
const plotWidth = 640
const rowHeight = 26
const axisHeight = 24
const operationsShown = 30

/**
 * Latency percentiles of each operation on one logarithmic axis, as inline SVG:
 *
 *     createPlan   ━━━━●━━━━━○──────◆        ● p50   ○ p90   ◆ p99   | max
 *
 * Null when nothing was measured.
 */
export function latencyChart(latencyMs: Record<string, LatencyMs>): Html | null {
  const operations = Object.entries(latencyMs).slice(0, operationsShown)
  if (operations.length === 0) return null
  const axis = logarithmicAxis(operations.map(([, latency]) => latency))
  const height = operations.length * rowHeight + axisHeight
  return html`<figure class="chart">
<svg viewBox="0 0 ${labelWidth + plotWidth + 60} ${height}" role="img" aria-label="Latency percentiles of each operation, in milliseconds, on a logarithmic axis">
${axis.ticks.map((tick) => tickMark(tick, axis, height))}
${operations.map(([operation, latency], row) => bar(operation, latency, row, axis))}
</svg>
<figcaption>● p50 &nbsp; ○ p90 &nbsp; ◆ p99 &nbsp; │ max &nbsp; in milliseconds, logarithmic</figcaption>
</figure>`
}

interface Axis {
  ticks: number[]
  x(timeMs: number): number
}

function logarithmicAxis(latencies: readonly LatencyMs[]): Axis {
  const floorMs = 0.01
  const decade = (timeMs: number, round: (value: number) => number) => round(Math.log10(Math.max(floorMs, timeMs)))
  const low = Math.min(...latencies.map(({ p50 }) => decade(p50, Math.floor)))
  const high = Math.max(low + 1, ...latencies.map(({ max }) => decade(max, Math.ceil)))
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
    x: (timeMs) => labelWidth + ((Math.log10(Math.max(10 ** low, timeMs)) - low) / (high - low)) * plotWidth,
  }
}

function tickMark(timeMs: number, { x }: Axis, height: number): Html {
  const at = x(timeMs).toFixed(1)
  return html`<line class="grid" x1="${at}" x2="${at}" y1="0" y2="${height - axisHeight}"/>
<text class="tick" x="${at}" y="${height - 8}" text-anchor="middle">${timeMs >= 1 ? timeMs.toLocaleString('en-US') : timeMs.toPrecision(1)}</text>`
}

function bar(operation: string, { p50, p90, p99, max }: LatencyMs, row: number, { x }: Axis): Html {
  const y = row * rowHeight + rowHeight / 2
  const at = { p50: x(p50).toFixed(1), p90: x(p90).toFixed(1), p99: x(p99).toFixed(1), max: x(max).toFixed(1) }
  const told = `${operation}: p50 ${milliseconds(p50)} ms, p90 ${milliseconds(p90)} ms, p99 ${milliseconds(p99)} ms, max ${milliseconds(max)} ms`
  return html`<g><title>${told}</title>
<text class="name" x="${labelWidth - 12}" y="${y + 4}" text-anchor="end">${operation.slice(0, 24)}</text>
<line class="reach" x1="${at.p50}" x2="${at.max}" y1="${y}" y2="${y}"/>
<line class="body" x1="${at.p50}" x2="${at.p99}" y1="${y}" y2="${y}"/>
<circle class="p50" cx="${at.p50}" cy="${y}" r="5"/>
<circle class="p90" cx="${at.p90}" cy="${y}" r="4.5"/>
<path class="p99" d="M ${at.p99} ${y - 6} l 6 6 l -6 6 l -6 -6 z"/>
<line class="max" x1="${at.max}" x2="${at.max}" y1="${y - 7}" y2="${y + 7}"/>
</g>`
}
