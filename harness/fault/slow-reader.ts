import { expectNumber, type Fault } from './fault.ts'

/** A client that reads slowly: the target's sends pile up, and it feels the back-pressure. */
export function slowReader({ bytesPerSecond }: { bytesPerSecond: number }): Fault {
  expectNumber('bytesPerSecond', bytesPerSecond, 1)
  return {
    name: 'slow-reader',
    description: `slow-reader ${bytesPerSecond} bytes/s`,
    target: 'link',
    onLink: (link) => link.throttle('down', bytesPerSecond),
  }
}
