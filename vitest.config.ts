import { defineConfig } from 'vitest/config'

export default defineConfig({
  // One copy of each module in tests: `raceproof` resolves to the sources, as relative imports do. The condition's name is
  // ours alone: packages such as eventsource offer a `source` of their own, which Node cannot load.
  resolve: { conditions: ['raceproof-source'] },
  // These are given to Node as they are, for `require` too, so that `import` and `module` must not be among them: a package
  // that is required (express requires is-promise) would get the file that is meant to be imported.
  ssr: { resolve: { conditions: ['raceproof-source', 'node'] } },
  test: {
    include: ['test/**/*.test.ts'],
    // Servers, workers and timers are shared by the two cores: more workers only add noise.
    maxWorkers: 2,
    reporters: ['default', './test/count-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['reference-impl/state/**'],
      // Entry shells run as a worker thread or a process, where coverage does not see them; all they do is elsewhere.
      // The harness' side (the target, its models, the wrong variants) is run by scenarios in threads of their own.
      exclude: [
        'reference-impl/state/job-worker.ts',
        'reference-impl/state/main.ts',
        'reference-impl/state/target*.ts',
        'reference-impl/state/defects/**',
      ],
      reporter: ['text', 'json-summary'],
      reportsDirectory: '.cache/coverage',
      // What the documents report of their own state managers.
      thresholds: { lines: 98.85 },
    },
  },
})
