import type { EventLine } from '../event-line.ts'
import type { Story } from '../story.ts'
import { counted, momentOf } from '../wording.ts'
import { type Html, html } from './html.ts'

/** One finding: what was promised, what happened, the events that show it, and the way to see it again. */
export function findingCard(story: Story): Html {
  const { check, promised, happened, clients, timeLine, eventsLeftOut, likelyCause, seed, replay, caveat } = story
  return html`<article>
<h3>${check}</h3>
<dl>
<dt>Promised</dt><dd>${promised}</dd>
<dt>Happened</dt><dd>${happened}</dd>
${clients.length === 0 ? null : html`<dt>Clients</dt><dd>${clientList(clients)}</dd>`}
${likelyCause === null ? null : html`<dt>Likely cause</dt><dd>${likelyCause}</dd>`}
<dt>Seed</dt><dd>${String(seed)}</dd>
</dl>
${timeLineView(timeLine)}
${eventsLeftOut === 0 ? null : html`<p class="note">${counted(eventsLeftOut, 'event')} in between left out; all are in run.json.</p>`}
${replayCommand(replay, caveat)}
</article>`
}

/** A command that can be copied, and what to know about it. */
export function replayCommand(command: string, caveat: string | null): Html {
  return html`<div class="command"><code>${command}</code></div>
${caveat === null ? null : html`<p class="note">It ${caveat}.</p>`}`
}

function clientList(clients: readonly string[]): string {
  const shown = clients.slice(0, 12).join(', ')
  return clients.length <= 12 ? shown : `${shown} and ${clients.length - 12} more`
}

function timeLineView(events: readonly EventLine[]): Html | null {
  if (events.length === 0) return null
  const rows = events.map(
    ({ timeMs, who, what }) => html`<tr><td class="figure">${momentOf(timeMs)}</td><td>${who}</td><td>${what}</td></tr>
`,
  )
  return html`<div class="wide"><table class="time-line">
<thead><tr><th class="figure">time</th><th>client</th><th>what</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>`
}
