import type { ServiceStatus, ServiceStatusManager } from './service-status-manager.ts'
import type { TestExecutionManager, TestState } from './test-execution-manager.ts'

export interface StatusBoardOptions {
  services: ServiceStatusManager
  tests: TestExecutionManager
}

/** The services and the test, as of one moment. */
export interface BoardState {
  services: Readonly<Record<string, ServiceStatus>>
  test: TestState
}

/**
 * The services and the test together. Whatever concerns both holds both locks, always that of the services first: who took
 * them the other way round could wait for ever for one that waits for it.
 */
export class StatusBoard {
  protected readonly options: StatusBoardOptions

  constructor(options: StatusBoardOptions) {
    this.options = options
  }

  /** Everything, as of one moment. */
  show(): Promise<BoardState> {
    const { services, tests } = this.options
    return services.run(() => tests.run(() => ({ services: services.getAllStatus(), test: tests.getState() })))
  }

  /** Records in one step that no service runs and no test; returns the test that ran, or null. */
  allDown(): Promise<TestState | null> {
    const { services, tests } = this.options
    return services.run(() =>
      tests.run(() => {
        const running = Object.keys(services.getAllStatus()).filter((name) => services.isServiceRunning(name))
        services.updateStatus(Object.fromEntries(running.map((name) => [name, false])))
        return tests.stopTest()
      }),
    )
  }
}
