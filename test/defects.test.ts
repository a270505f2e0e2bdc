import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { check } from 'raceproof'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../harness/entry.ts'
import type { Defect } from '../harness/index.ts'
import type { RunnableScenario } from '../harness/thread-scenario.ts'
import { worlds } from '../harness/worlds.ts'
import { mcpDefects } from '../reference-impl/mcp/defects/mcp-defects.ts'
import { pipelineDefects } from '../reference-impl/pipeline/defects/pipeline-defects.ts'
import { stateDefects } from '../reference-impl/state/defects/state-defects.ts'
import { rowsOf as recordedRowsOf } from '../reports/track-record.ts'

/**
 * What the reports describe, and what must be shown of it: the name, ⚡ for a race, the checks that may catch it, and the
 * worlds. A name, a check or a world that is dropped from the code is missed here.
 */
const catalogue = {
  pipeline: `
    ⚡ stream-cleanup-toctou        delivery, server-errors               sim live
    ⚡ process-double-cleanup       lifecycle, server-errors, leftovers   sim live
      reader-abandoned             leftovers                             sim live
    ⚡ unlocked-registry            survival                              sim live
      cross-plan-cleanup           delivery                              sim live
    ⚡ delete-during-create         leftovers                             sim live
      first-disconnect-tears-down  delivery                              sim live
    ⚡ reconnect-during-cleanup     delivery, progress                    sim live
    ⚡ late-output-lost             delivery                              sim live
      endless-drain                progress                              sim live
    ⚡ shared-db-session            survival                              sim live
      db-session-leak              leftovers, progress                   sim live
    ⚡ status-regresses             lifecycle                             sim live
    ⚡ two-endings                  delivery                              sim live
      pipe-leak                    leftovers                             sim live
      send-while-locked            progress, contention                  sim live
      head-of-line-send            latency                               sim live
    ⚡ broadcast-live-list          delivery                              sim live
    ⚡ broadcast-overtakes          delivery                              sim live
    ⚡ first-subscribers-collide    delivery                              sim live
    ⚡ late-subscriber-orphaned     progress                              sim live
      forced-stop                  delivery                              sim live
    ⚡ subscribe-before-create      delivery, progress                    sim live
      polling-delivery             latency, bounds                       sim live
      swallowed-errors             server-errors                         sim live
      unbounded-stream             bounds                                sim live
      abandoned-stream             leftovers                             sim live
      competing-consumers          delivery                              sim live
      dead-peer-undetected         leftovers                             sim live
    ⚡ zombie-subscriber            leftovers                             sim live
      slow-reader-unbounded        bounds                                sim live
      no-admission-limit           bounds                                sim live
      resume-gap                   delivery                              sim live
    ⚡ replay-live-gap              delivery                              sim live
      resume-duplicate             delivery                              sim live
      client-gives-up              progress, delivery                    sim live
      retries-permanent            bounds                                sim live
      readiness-stampede           bounds                                sim live
      no-fallback                  delivery, progress                    sim live`,
  mcp: `
    ⚡ session-double-init          one-instance, double-loads            sim live
    ⚡ no-recheck                   one-instance, double-loads            sim live
      dual-transport-split         one-instance, linearizable            sim live
      callback-under-session-lock  progress                              sim live
    ⚡ clear-resurrects             one-instance                          sim live
    ⚡ rag-unlocked-read            server-errors, double-loads           sim live
    ⚡ rag-iterate-while-cleaning   double-loads                          sim live
    ⚡ checkpoint-double-load       double-loads                          sim live
      metadata-cached              freshness                             sim live
    ⚡ metadata-torn-read           server-errors, freshness              sim live
    ⚡ state-no-file-lock           survival, linearizable                sim live
      stale-file-lock              progress                              sim live
    ⚡ stale-lock-double-takeover   mutual-exclusion, survival            sim live
      one-big-lock                 contention                            sim live
      hit-takes-lock               contention                            sim live
      lock-order-inversion         lock-order, progress                  sim live
      session-leak                 leftovers                             sim live
      unbounded-sessions           bounds                                sim live
      response-crosstalk           identity                              sim live
      failed-load-cached           progress, server-errors               sim live
    ⚡ metrics-lost-count           linearizable                          sim live`,
  state: `
    ⚡ lost-update                  linearizable                          sim threads live
    ⚡ torn-multi-field-update      linearizable                          sim threads live
      aliased-read                 linearizable                          sim threads
      non-reentrant-lock           progress                              sim threads
    ⚡ owner-is-thread              mutual-exclusion                      sim threads live
    ⚡ wrong-release                mutual-exclusion                      sim threads
      barging-lock                 bounds                                threads live
    ⚡ abandoned-acquire            leftovers, progress                   sim threads live
      lock-kept-on-error           leftovers, progress                   sim threads live
    ⚡ test-double-start            linearizable, lifecycle               sim threads live
    ⚡ check-then-kill              linearizable                          sim threads live
    ⚡ stop-start-mix               linearizable                          sim threads live
    ⚡ live-iteration               linearizable                          sim threads live
      manager-per-thread           linearizable                          threads live
      notify-under-lock            lock-order, progress                  sim threads live
    ⚡ dual-locks                   mutual-exclusion, linearizable        threads live
    ⚡ per-loop-lock                mutual-exclusion                      threads live
      blocking-acquire             progress, bounds                      sim threads live
      lock-order-inversion         lock-order, progress                  threads
      lock-across-io               contention                            sim live
    ⚡ split-critical-section       lifecycle                             sim threads live
    ⚡ cleanup-removes-live         survival                              sim threads live
      zombie-worker                leftovers, lifecycle                  sim live
      permit-leak                  leftovers, progress                   sim threads live
    ⚡ permit-overrun               bounds                                sim threads live
    ⚡ missed-wakeup                progress                              threads
      unsynchronised-flag          data-race                             threads`,
}

/** Made for sets of users' own: no reference server keeps one that is listed whole, and its corpus of histories proves it. */
const provedByHistories = ['set-full']

interface Row {
  name: string
  race: boolean
  checks: string[]
  worlds: string[]
}

function rowsOf(table: string): Row[] {
  return table
    .trim()
    .split('\n')
    .map((line) => /^\s*(⚡ )?\s*(\S+) {2,}(.+?) {2,}(.+)$/.exec(line)!)
    .map(([, race, name, checks, worlds]) => ({
      name: name!,
      race: race !== undefined,
      checks: checks!.split(', '),
      worlds: worlds!.split(' '),
    }))
}

const declared: Record<string, readonly Defect[]> = {
  pipeline: pipelineDefects,
  mcp: mcpDefects,
  state: stateDefects,
}

describe.each(Object.entries(catalogue))('the defects of %s', (target, table) => {
  const rows = rowsOf(table)
  const defects = declared[target]!
  const folder = join(packageRoot, 'reference-impl', target, 'defects')
  const source = (name: string) => readFileSync(join(folder, `${name}.ts`), 'utf8')

  it('are those of the catalogue, each once', () => {
    expect(defects.map(({ name }) => name).sort()).toEqual(rows.map(({ name }) => name).sort())
  })

  it.each(rows)('$name is declared as the catalogue has it', ({ name, race, checks, worlds }) => {
    const defect = defects.find((each) => each.name === name)
    expect(defect).toMatchObject({ race, source: expect.stringMatching(/\w/), wrong: expect.stringMatching(/\w/) })
    expect(defect!.caughtBy).toEqual(checks)
    expect([...defect!.worlds].sort()).toEqual(worlds.sort())
    expect(defect!.scenarios).not.toEqual([])
  })

  it.each(rows)('$name is one wrong line in a file of its name', ({ name }) => {
    expect(existsSync(join(folder, `${name}.ts`))).toBe(true)
    expect(source(name)).toContain(`'${name}'`)
    expect(source(name).match(/\/\/ DEFECT: \S/g)).toHaveLength(1)
  })

  it('are nowhere else', () => {
    const wrong = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((file) => basename(file, '.ts'))
      .filter((name) => source(name).includes('DEFECT'))
    expect(wrong.sort()).toEqual(rows.map(({ name }) => name).sort())
  })
})

it('every check is tripped by some defect', () => {
  const tripped = new Set(Object.values(catalogue).flatMap((table) => rowsOf(table).flatMap(({ checks }) => checks)))
  const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const idle = Object.keys(check)
    .map(kebab)
    .filter((name) => !tripped.has(name))
  expect(idle).toEqual(provedByHistories)
})

it('no scenario knows the name of a defect', () => {
  const names = Object.values(declared).flatMap((defects) => defects.map(({ name }) => name))
  const folder = join(packageRoot, 'scenarios')
  const known = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const text = readFileSync(join(folder, file), 'utf8')
      return names
        .filter((name) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text))
        .map((name) => `${file}: ${name}`)
    })
  expect(known).toEqual([])
})

it('defects name scenarios that there are', () => {
  const scenarios = new Set(
    readdirSync(join(packageRoot, 'scenarios'), { recursive: true, encoding: 'utf8' }).map((file) =>
      basename(file, '.ts'),
    ),
  )
  const unknown = Object.values(declared).flatMap((defects) =>
    defects.flatMap((defect) => defect.scenarios.filter((name) => !scenarios.has(name))),
  )
  expect(unknown).toEqual([])
})

/** What a schedule shows by itself, whatever the scenario checks. */
const seenAnyway = ['server-errors', 'progress']

it.each(Object.entries(declared))(
  'scenarios of the defects of %s check what they are named for',
  async (_, defects) => {
    const blind: string[] = []
    for (const defect of defects) {
      for (const name of defect.scenarios) {
        const { default: scenario } = (await import(`../scenarios/${name}.ts`)) as { default: RunnableScenario }
        if (scenario.kind === 'thread-scenario') continue
        const seen = [...seenAnyway, ...scenario.checks.map((each) => each.name)]
        if (!defect.caughtBy.some((each) => seen.includes(each))) blind.push(`${name} for ${defect.name}`)
      }
    }
    expect(blind).toEqual([])
  },
)

describe('the track record', () => {
  const path = join(packageRoot, 'reports', 'track-record.md')
  const recorded = existsSync(path) ? recordedRowsOf(readFileSync(path, 'utf8')) : []
  const defects = Object.values(declared).flat()
  const keyOf = ({ name, expected }: { name: string; expected: readonly string[] }) => `${name}: ${expected.join(', ')}`

  // A world's part is written by a run of that world.
  const written = worlds.filter((world) => recorded.some((row) => row.world === world))

  it('is written', () => expect(written).not.toEqual([]))

  it.each(written)('has a row for each defect of the world %s, with the checks that may catch it', (world) => {
    const rows = defects
      .filter((defect) => defect.worlds.includes(world))
      .map(({ name, caughtBy }) => keyOf({ name, expected: caughtBy }))
    const there = recorded.filter((row) => row.world === world).map(keyOf)
    expect(there.sort()).toEqual(rows.sort())
  })

  it('shows each by the command of a scenario that its defect names', () => {
    const wrong = recorded.filter(({ name, world, command }) => {
      const [, scenario = '', where, which] = /^raceproof run (\S+) --world (\S+) --defect (\S+)$/.exec(command) ?? []
      const scenarios = defects.flatMap((defect) => (defect.name === name ? defect.scenarios : []))
      return where !== world || which !== name || !scenarios.includes(scenario)
    })
    expect(wrong).toEqual([])
  })
})
