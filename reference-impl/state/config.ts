/** What a state server can be told. */
export interface StateConfig {
  /** How many worker threads run jobs; simulations and analyses get half of them each. At least 2. */
  workers: number
  /** How many simulations, and how many analyses, may wait or run. */
  maxActiveJobs: number
  /** How many simulations, and how many analyses, are kept, ended ones included. */
  keepJobs: number
  /** The most steps that a job may be asked for. */
  maxSteps: number
  /** So many operations of a job lie between two reports of how far it is, and looks at whether it is to stop. */
  sliceOperations: number
  /** How many points a dataset has. */
  datasetPoints: number
  /** How many datasets are kept, and for how long. */
  maxDatasets: number
  datasetTtlMs: number
  /** The datasets that can be analysed; any, when it is null. */
  knownDatasets: readonly string[] | null
  /** How often the turn of a sleeping waiter for the shared state may be lent to callers that are awake; 0 keeps to the order of arrival. */
  lockLends: number
  /** How many services may be known. */
  maxServices: number
  /** How many of the latest changes of services are shown. */
  shownChanges: number
  /** The program that plays a test, with its arguments. */
  testCommand: readonly string[]
  /** How long a test may take to end before it is killed. */
  testGraceMs: number
}

export const defaultConfig: StateConfig = {
  workers: 8,
  maxActiveJobs: 64,
  keepJobs: 200,
  maxSteps: 10_000_000,
  /** About five milliseconds. */
  sliceOperations: 200_000,
  datasetPoints: 5_000,
  maxDatasets: 50,
  datasetTtlMs: 60_000,
  knownDatasets: null,
  lockLends: 1_024,
  maxServices: 500,
  shownChanges: 100,
  testCommand: ['sleep', '30'],
  testGraceMs: 2_000,
}
