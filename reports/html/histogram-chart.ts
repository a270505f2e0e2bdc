import type { ScenarioRun } from '../../harness/record.ts'
import { grouped, milliseconds } from '../wording.ts'
import { type Html, html } from './html.ts'

type LockProfile = ScenarioRun['contention'][number]
type Bar = LockProfile['waitHistogram'][number]

/** Sizes in units of the drawing, which the page scales to its width. */
const labelWidth = 170
const plotWidth = 340
const gap = 40
const rowHeight = 44
const headHeight = 20
const locksShown = 12

/**
 * How long callers waited for each lock and held it, as two histograms in a row, inline SVG. The bars double in width of
 * time; their heights are relative to the highest of their histogram. Null when nobody waited for any lock.
 */
export function histogramChart(contention: readonly LockProfile[]): Html | null {
  const waited = contention.filter(({ waitHistogram }) => waitHistogram.length > 0).slice(0, locksShown)
  if (waited.length === 0) return null
  const bars = waited.flatMap(({ waitHistogram, holdHistogram }) => [...waitHistogram, ...holdHistogram])
  const axis = doublingAxis(bars)
  const width = labelWidth + 2 * plotWidth + gap
  return html`<figure class="chart">
<svg viewBox="0 0 ${width} ${headHeight + waited.length * rowHeight}" role="img" aria-label="Histograms of how long callers waited for each lock and held it">
<text class="tick" x="${labelWidth}" y="12">waited, from ${milliseconds(axis.leastMs)} to ${milliseconds(axis.mostMs)} ms</text>
<text class="tick" x="${labelWidth + plotWidth + gap}" y="12">held, on the same scale</text>
${waited.map((lock, row) => lockRow(lock, headHeight + row * rowHeight, axis))}
</svg>
<figcaption>each bar is twice as wide in time as the one before it</figcaption>
</figure>`
}

interface Axis {
  leastMs: number
  mostMs: number
  /** The place of a bar, from 0; there are `size` places. */
  place(bar: Bar): number
  size: number
}

function doublingAxis(bars: readonly Bar[]): Axis {
  const exponents = bars.map(({ upToMs }) => Math.round(Math.log2(upToMs * 1000)))
  const least = Math.min(...exponents)
  const most = Math.max(...exponents)
  return {
    leastMs: 2 ** (least - 1) / 1000,
    mostMs: 2 ** most / 1000,
    place: ({ upToMs }) => Math.round(Math.log2(upToMs * 1000)) - least,
    size: most - least + 1,
  }
}

function lockRow({ lock, waitHistogram, holdHistogram }: LockProfile, y: number, axis: Axis): Html {
  return html`<g>
<text class="name" x="${labelWidth - 12}" y="${y + rowHeight / 2 + 4}" text-anchor="end">${lock.slice(0, 24)}</text>
${histogram(waitHistogram, { x: labelWidth, y, what: `${lock}: waited` }, axis)}
${histogram(holdHistogram, { x: labelWidth + plotWidth + gap, y, what: `${lock}: held` }, axis)}
</g>`
}

function histogram(bars: readonly Bar[], { x, y, what }: { x: number; y: number; what: string }, axis: Axis): Html[] {
  const highest = Math.max(...bars.map(({ count }) => count))
  const width = plotWidth / axis.size
  return bars.map((bar) => {
    const height = Math.max(1, (bar.count / highest) * (rowHeight - 10))
    const told = `${what} up to ${milliseconds(bar.upToMs)} ms: ${grouped(bar.count)} times`
    return html`<rect class="histogram" x="${(x + axis.place(bar) * width).toFixed(1)}" y="${(y + rowHeight - 4 - height).toFixed(1)}" width="${(width - 1).toFixed(1)}" height="${height.toFixed(1)}"><title>${told}</title></rect>`
  })
}
