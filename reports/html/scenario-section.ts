import type { AuditEvent } from '../../harness/history/event.ts'
import type { ScenarioRun } from '../../harness/record.ts'
import { circumstances, scaleOf } from '../circumstances.ts'
import { storiesOf } from '../story.ts'
import { tablesOf } from '../tables.ts'
import { counted, replayCaveat } from '../wording.ts'
import { findingCard, replayCommand } from './finding-card.ts'
import { histogramChart } from './histogram-chart.ts'
import { type Html, html } from './html.ts'
import { latencyChart } from './latency-chart.ts'
import { tableView } from './table-view.ts'

/** One scenario: its promise, what broke it, and its figures. */
export function scenarioSection(
  run: ScenarioRun,
  audits: readonly AuditEvent[],
  anchor: string,
  findingsMax: number,
): Html {
  const { told, leftOut } = storiesOf(run, findingsMax)
  return html`<section id="${anchor}">
<h2><span class="verdict ${run.verdict}">${run.verdict}</span> ${run.scenario}</h2>
<p class="soft">${[...circumstances(run), ...scaleOf(run)].join(' · ')}</p>
<p>${run.promise}</p>
<p class="soft">${run.source}</p>
${run.notes.map((note) => html`<p class="note">Note: ${note}</p>`)}
${run.story === null ? null : html`<pre>${run.story}</pre>`}
${told.map(findingCard)}
${leftOut === 0 ? null : html`<p class="note">and ${counted(leftOut, 'more finding')}, in run.json</p>`}
${told.length > 0 ? null : replayCommand(run.replay, run.schedules === null ? replayCaveat : null)}
${tablesOf(run, audits).map((table) => tableView(table, pictureOf(table.title, run)))}
<p class="soft">Files: <a href="${encodeURI(run.history)}">${run.history}</a>${
    run.profile === null ? null : html` · <a href="${encodeURI(run.profile)}">profile of the target (clinic doctor)</a>`
  }</p>
</section>`
}

/** Some tables are easier to take in with a picture above them. */
function pictureOf(title: string, run: ScenarioRun): Html | null {
  if (title === 'Latency') return latencyChart(run.latencyMs)
  return title === 'Lock contention' ? histogramChart(run.contention) : null
}
