import type { Fault } from './fault.ts'

/**
 * The network between client and target loses everything, FIN and RST too, so that neither can know whether the other is
 * still there. TCP delivers what was sent when it sends it again after healing.
 */
export function partition(): Fault {
  return {
    name: 'partition',
    description: 'partition',
    target: 'link',
    onLink: (link) => link.partition(),
  }
}
