/** The page's style sheet: light and dark by the reader's system, and ink on paper in print. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #fbfbfa; --card: #ffffff; --ink: #1b1c1f; --soft: #5d616b; --line: #dfe0e3;
  --valid: #1a7f4b; --invalid: #c0322b; --unknown: #96690b; --accent: #2f5fb3; --code: #f2f2f0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15161a; --card: #1d1f24; --ink: #e6e7ea; --soft: #9aa0ab; --line: #33363e;
    --valid: #4cc38a; --invalid: #ff7a70; --unknown: #e3b341; --accent: #82aaff; --code: #25272e;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 20px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 20px; margin: 0; }
h3 { font-size: 15px; margin: 22px 0 6px; }
a { color: var(--accent); }
p { margin: 6px 0; }
.soft, figcaption, .note { color: var(--soft); }
.valid { color: var(--valid); } .invalid { color: var(--invalid); } .unknown { color: var(--unknown); }
.verdict { font-weight: 700; letter-spacing: .04em; text-transform: uppercase; }
header { border-left: 6px solid currentColor; padding: 2px 0 2px 16px; margin-bottom: 24px; }
header > * { color: var(--ink); }
header .verdict { color: inherit; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 18px 20px; margin: 18px 0; }
article { border: 1px solid var(--line); border-left: 4px solid var(--invalid); border-radius: 6px; padding: 12px 16px; margin: 14px 0; break-inside: avoid; }
article h3 { margin: 0 0 6px; color: var(--invalid); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 14px; margin: 8px 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; min-width: 50%; }
th, td { text-align: left; padding: 4px 14px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 500; font-size: 13px; }
.figure { text-align: right; white-space: nowrap; }
.time-line { font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, monospace; width: 100%; }
.time-line td:nth-child(-n+2) { white-space: nowrap; width: 1%; }
.time-line td:last-child { overflow-wrap: anywhere; }
code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; background: var(--code); border-radius: 4px; padding: 2px 6px; overflow-wrap: anywhere; }
.command { margin: 12px 0 4px; display: flex; gap: 8px; align-items: flex-start; }
.command code { flex: 1; padding: 6px 10px; user-select: all; }
button { font: inherit; font-size: 13px; padding: 4px 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--card); color: var(--ink); cursor: pointer; }
.chart { margin: 8px 0; } .chart svg { width: 100%; height: auto; }
.chart text { fill: var(--ink); font-size: 12px; } .chart .tick { fill: var(--soft); font-size: 11px; }
.chart .grid { stroke: var(--line); } .chart .reach { stroke: var(--soft); stroke-width: 1.5; }
.chart .body { stroke: var(--accent); stroke-width: 5; opacity: .55; } .chart .max { stroke: var(--soft); stroke-width: 2; }
.chart .p50, .chart .p99 { fill: var(--accent); } .chart .p90 { fill: var(--card); stroke: var(--accent); stroke-width: 2; }
.chart .histogram { fill: var(--accent); opacity: .75; }
figcaption { font-size: 13px; }
@media print {
  body { background: none; font-size: 11pt; } main { max-width: none; padding: 0; }
  section, article { border-color: #999; background: none; } button { display: none; } .wide { overflow: visible; }
}
`
