import type { ReentrantLock } from '../sync/reentrant-lock.ts'
import type { Change } from './observed-dict.ts'
import type { ServiceStatus, ServiceStatusManager } from './service-status-manager.ts'

export interface ActivityLogOptions {
  services: ServiceStatusManager
  lock: ReentrantLock
  /** How many of the latest changes are kept. */
  limit: number
}

export interface Activity {
  services: Readonly<Record<string, ServiceStatus>>
  /** The latest changes, oldest first. */
  changes: readonly Change<ServiceStatus>[]
}

/**
 * What an operator's screen shows: the services, and what changed lately. It listens to the changes, and has a lock of
 * its own, which is always taken before that of the services.
 */
export class ActivityLog {
  readonly #options: ActivityLogOptions
  readonly #changes: Change<ServiceStatus>[] = []

  constructor(options: ActivityLogOptions) {
    this.#options = options
    options.services.onChange((change) => void this.#record(change))
  }

  /** The services and their latest changes. */
  show(): Promise<Activity> {
    const { lock, services } = this.#options
    return lock.run(() => services.run(() => ({ services: services.getAllStatus(), changes: [...this.#changes] })))
  }

  #record(change: Change<ServiceStatus>): Promise<void> {
    const { lock, limit } = this.#options
    return lock.run(() => {
      this.#changes.push(change)
      if (this.#changes.length > limit) this.#changes.shift()
    })
  }
}
