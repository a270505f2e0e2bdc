import { columns } from './columns.ts'

/** What `raceproof list` tells, as far as text shows it. */
export interface Listed {
  scenarios: { name: string; target: string; worlds: string[]; promise: string }[]
  targets: { name: string; about: string }[]
  defects: { name: string; target: string; wrong: string; caughtBy: readonly string[] }[]
  checks: string[]
  /** Of the simulated world. */
  strategies: readonly string[]
  threadStrategies: readonly string[]
  models: string[]
}

/** Everything that has a name on the command line, as text. */
export function listText({
  scenarios,
  targets,
  defects,
  checks,
  strategies,
  threadStrategies,
  models,
}: Listed): string {
  const sections = [
    section(
      'Scenarios',
      scenarios.map(({ name, target, worlds, promise }) => [name, target, worlds.join(', '), promise]),
    ),
    section(
      'Targets',
      targets.map(({ name, about }) => [name, about]),
    ),
    section(
      'Defects',
      defects.map(({ name, target, caughtBy, wrong }) => [name, target, caughtBy.join(', '), wrong]),
    ),
    section(
      'Checks',
      checks.map((name) => [name]),
    ),
    section(
      'Strategies of the simulated world',
      strategies.map((name) => [name]),
    ),
    section(
      'Strategies of the thread world',
      threadStrategies.map((name) => [name]),
    ),
    section(
      'Models',
      models.map((name) => [name]),
    ),
  ]
  return `${sections.join('\n\n')}\n`
}

function section(title: string, rows: string[][]): string {
  const [, ...lines] = columns({ title, head: (rows[0] ?? []).map(() => ''), rows })
  return [title, ...lines.map((line) => `  ${line}`)].join('\n')
}
