import type { ReentrantLock } from '../sync/reentrant-lock.ts'
import { type Change, type ChangeListener, ObservedDict, type SharedObservedDict } from './observed-dict.ts'
import type { DictCounts } from './thread-safe-dict.ts'

/** Whether a service runs, or a text about it, such as the command that it was started with. */
export type ServiceStatus = boolean | string

export interface ServiceStatusOptions {
  /** The services that are known in the beginning. */
  initial?: Readonly<Record<string, ServiceStatus>>
  /** The memory of a manager made before, in this thread or another. */
  shared?: SharedObservedDict
  /** The lock; one of its own when it is left out. */
  lock?: ReentrantLock
  historyLimit?: number
  /** How many bytes the services, and their history, may take. */
  capacityBytes?: number
}

/**
 * The status of all services, one instance for all threads. Synchronous, as a worker thread uses it; an event loop
 * calls its methods inside {@link run}.
 */
export class ServiceStatusManager {
  readonly shared: SharedObservedDict
  protected readonly services: ObservedDict<ServiceStatus>

  constructor({ initial = {}, ...options }: ServiceStatusOptions = {}) {
    this.services = new ObservedDict({ name: 'services', initial, ...options })
    this.shared = this.services.shared
  }

  /** Takes the manager's lock without blocking the thread; all that the section does with the manager is one step. */
  run<T>(section: () => T | Promise<T>): Promise<T> {
    return this.services.lock.run(section)
  }

  /** Whether a service is known to run. */
  isServiceRunning(name: string): boolean {
    return this.getStatus(name) === true
  }

  /** The status of a service; undefined when it is not known. */
  getStatus(name: string): ServiceStatus | undefined {
    return this.services.state.get(name)
  }

  setStatus(name: string, status: ServiceStatus): void {
    this.updateStatus({ [name]: status })
  }

  /** Sets several statuses at once: nobody sees some of them without the others. */
  updateStatus(statuses: Readonly<Record<string, ServiceStatus>>): void {
    this.services.change(statuses)
  }

  /** All statuses as a frozen copy. */
  getAllStatus(): Readonly<Record<string, ServiceStatus>> {
    return this.services.state.copy()
  }

  /** How many services are known. */
  get size(): number {
    return this.services.state.size
  }

  /** The latest changes, oldest first. */
  history(): readonly Change<ServiceStatus>[] {
    return this.services.history()
  }

  /** Calls back, outside the lock, after every change that is made through this object; returns what ends it. */
  onChange(listener: ChangeListener<ServiceStatus>): () => void {
    return this.services.onChange(listener)
  }

  get counts(): Readonly<DictCounts> {
    return this.services.state.counts
  }
}
