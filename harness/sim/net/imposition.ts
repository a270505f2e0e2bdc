/** What a fault imposes on one direction of a connection, as long as it lasts. */
export type Imposition =
  /** Later by `delayMs` and a drawn share of `jitterMs`. */
  | { readonly kind: 'delay'; readonly delayMs: number; readonly jitterMs: number }
  /** Nothing passes, and nothing is lost. */
  | { readonly kind: 'stall' }
  /** Everything is lost on the way, so that it passes only when it is sent again after healing; an RST never is. */
  | { readonly kind: 'partition' }
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }
  /** What is written in one go arrives in so many reads, as far as it has as many bytes. */
  | { readonly kind: 'split'; readonly pieces: number }
  /** What is written within that time arrives in one read. */
  | { readonly kind: 'merge'; readonly withinMs: number }
  /** The connection ends after so many more bytes, or writes. */
  | { readonly kind: 'cut'; left: number; readonly unit: 'bytes' | 'messages'; readonly end: () => void }

/** Whether any of these lets nothing through. */
export function isHeld(imposed: readonly Imposition[]): boolean {
  return imposed.some(({ kind }) => kind === 'stall' || kind === 'partition')
}

/** The impositions of one kind. */
export function ofKind<K extends Imposition['kind']>(
  imposed: readonly Imposition[],
  kind: K,
): Extract<Imposition, { kind: K }>[] {
  return imposed.filter((imposition) => imposition.kind === kind) as Extract<Imposition, { kind: K }>[]
}
