import { Refusal } from './refusal.ts'
import type { ServiceStatus, ServiceStatusManager } from './service-status-manager.ts'
import { turn } from './turn.ts'

export type Statuses = Readonly<Record<string, ServiceStatus>>

export interface ServiceRegistryOptions {
  services: ServiceStatusManager
  /** How many services may be known. */
  maxServices: number
}

/** So many services are listed in one turn of the event loop. */
const listedInOneTurn = 4

/** What the event loop does with the services: each operation is one step for whoever looks. */
export class ServiceRegistry {
  protected readonly options: ServiceRegistryOptions

  constructor(options: ServiceRegistryOptions) {
    this.options = options
  }

  /** The status of a service; undefined when it is not known. */
  get(name: string): Promise<ServiceStatus | undefined> {
    const { services } = this.options
    return services.run(() => services.getStatus(name))
  }

  /**
   * All services as of one moment. They are listed a few at a time, so that a long list does not keep the event loop
   * from others; what changes meanwhile is not in it, because it is made from a copy.
   */
  async list(): Promise<Statuses> {
    const { services } = this.options
    const all = await services.run(() => services.getAllStatus())
    const listed: Record<string, ServiceStatus> = {}
    for (const [place, name] of Object.keys(all).entries()) {
      if (place % listedInOneTurn === listedInOneTurn - 1) await turn()
      listed[name] = all[name] as ServiceStatus
    }
    return listed
  }

  /** Sets several statuses at once. Refuses (429) services beyond the cap, and then sets none. */
  update(statuses: Statuses): Promise<void> {
    const { services } = this.options
    return services.run(() => {
      this.checkCap(Object.keys(statuses))
      services.updateStatus(statuses)
    })
  }

  /**
   * Turns several services over in one step: those that run stop running, and the reverse. Returns what they are then.
   * The lock is held from the first look to the last write; what is called inside enters it again.
   */
  toggle(names: readonly string[]): Promise<Statuses> {
    return this.options.services.run(async () => {
      const turned = await this.opposites(names)
      await this.update(turned)
      return turned
    })
  }

  /** What the services would be if they were turned over, found out one per turn of the event loop. */
  protected async opposites(names: readonly string[]): Promise<Statuses> {
    const opposites: Record<string, ServiceStatus> = {}
    for (const name of names) {
      opposites[name] = (await this.get(name)) !== true
      await turn()
    }
    return opposites
  }

  /** Under the lock. */
  protected checkCap(names: readonly string[]): void {
    const { services, maxServices } = this.options
    const added = names.filter((name) => services.getStatus(name) === undefined)
    if (added.length > 0 && services.size + added.length > maxServices) {
      throw new Refusal(429, `at most ${maxServices} services can be known`, 60)
    }
  }
}
