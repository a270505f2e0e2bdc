/**
 * 32 bits from a seed and a key, for choices that belong to one event. Unlike a stream of random numbers they stay the
 * same when other events come or go, so that shrinking a schedule does not shift them. FNV-1a over the key, then the
 * finisher of MurmurHash3.
 */
export function keyedHash(seed: number, key: string, ordinal: number): number {
  let hash = seed ^ 0x811c9dc5
  for (let place = 0; place < key.length; place++) hash = Math.imul(hash ^ key.charCodeAt(place), 0x01000193)
  hash = Math.imul(hash ^ ordinal, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
