/** Where the bundle of a module lies that was written in TypeScript: below the nearest `node_modules` … */
export const cachedBundles = '.cache/raceproof'
/** … and, without one, in a temporary folder whose name begins so. */
export const temporaryBundles = 'raceproof-bundle-'

/**
 * Lets stacks name the lines that the user wrote, where this module is a bundle made of them. To be called before the thread
 * loads it; of everything else the stacks stay as they are.
 */
export function mapBundle(module: string): void {
  if ([`/${cachedBundles}/`, `/${temporaryBundles}`].some((folder) => module.includes(folder))) {
    process.setSourceMapsEnabled(true)
  }
}
