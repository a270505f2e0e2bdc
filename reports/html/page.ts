import { createHash } from 'node:crypto'
import type { RunRecord } from '../../harness/record.ts'
import type { SavedRun } from '../saved-run.ts'
import { environmentTable, saturationTable } from '../tables.ts'
import { duration, headline } from '../wording.ts'
import { copyScript } from './copy-script.ts'
import { replayCommand } from './finding-card.ts'
import { type Html, html, verbatim } from './html.ts'
import { scenarioSection } from './scenario-section.ts'
import { style } from './style.ts'
import { tableView } from './table-view.ts'

/** How large the page may become, and how many findings of each scenario are tried to stay below it. */
const bytesMax = 1_000_000
const findingsTried = [40, 10, 3, 1, 0]

/**
 * The whole report as one page that needs no network: its policy forbids every request, and allows its own style sheet
 * and script by their hashes alone. It says everything without JavaScript.
 */
export function htmlReport(saved: SavedRun): string {
  const sizes = findingsTried.values()
  let page = ''
  for (const findingsMax of sizes) {
    page = pageWith(saved, findingsMax)
    if (Buffer.byteLength(page) <= bytesMax) break
  }
  return page
}

function pageWith({ record, audits, missing }: SavedRun, findingsMax: number): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${record.verdict}: ${headline(record)} – raceproof</title>
<style>${verbatim(style)}</style>
</head>
<body>
<main>
${verdictHeader(record)}
${[...record.notes, ...missing].map((note) => html`<p class="note">Note: ${note}</p>`)}
${overview(record)}
${record.runs.map((run, index) => scenarioSection(run, audits[index] ?? [], anchorOf(index), findingsMax))}
${record.saturation === null ? null : html`<section>${tableView(saturationTable(record.saturation))}</section>`}
<section>${tableView(environmentTable(record))}</section>
</main>
<script>${verbatim(copyScript)}</script>
</body>
</html>
`.text
}

function policy(): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return `default-src 'none'; style-src ${hash(style)}; script-src ${hash(copyScript)}; base-uri 'none'; form-action 'none'`
}

function verdictHeader(record: RunRecord): Html {
  return html`<header class="${record.verdict}">
<span class="verdict">${record.verdict}</span>
<h1>${headline(record)}</h1>
<p class="soft">seed <code>${String(record.seed)}</code> · ${duration(record.durationMs)} · ${record.startedAt}</p>
${headReplay(record)}
</header>`
}

/** The command that shows the verdict again: that of the first scenario to blame for it. */
function headReplay({ runs, verdict }: RunRecord): Html | null {
  const run = runs.find((candidate) => candidate.verdict === verdict)
  if (run === undefined || (verdict === 'valid' && runs.length > 1)) return null
  return replayCommand(run.replay, null)
}

/** With one scenario, its own section says it all. */
function overview({ runs }: RunRecord): Html | null {
  if (runs.length < 2) return null
  const rows = runs.map(
    (run, index) => html`<tr>
<td><a href="#${anchorOf(index)}">${run.scenario}</a></td><td class="${run.verdict}">${run.verdict}</td>
<td>${run.world}</td><td>${run.target}</td><td>${run.defect ?? '–'}</td>
<td class="figure">${run.findings.length}</td><td class="figure">${run.clients}</td><td class="figure">${run.calls}</td>
<td class="figure">${duration(run.durationMs)}</td>
</tr>
`,
  )
  const head = ['scenario', 'verdict', 'world', 'target', 'defect', 'findings', 'clients', 'calls', 'time']
  return html`<section><h2>Scenarios</h2><div class="wide"><table>
<thead><tr>${head.map((name, column) => html`<th class="${column > 4 ? 'figure' : ''}">${name}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div></section>`
}

function anchorOf(index: number): string {
  return `run-${index + 1}`
}
