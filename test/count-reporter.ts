import type { Reporter, TestModule } from 'vitest/node'

/** Ends the test run with one plain line, `N passed, N failed`, so that any program can read the counts. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0
    let failed = unhandledErrors.length
    for (const module of modules) {
      // A file that fails before its first test has no test to count, yet it is a failure.
      const ownErrors = module.errors().length
      failed += ownErrors
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed++
        if (state === 'failed') failed++
      }
    }
    console.log(`${passed} passed, ${failed} failed`)
  }
}
