// A plan: steps with a cause each, and what they wait for. Plain data, made by plan/diff, walked by engine/apply.

export type StepOp =
  | { readonly do: 'fetch'; readonly nodes: readonly string[] }
  | {
      readonly do: 'start'
      readonly node: string /** Old data exists and its process is dead: others of the service are told to forget it first. */
      readonly rejoin: boolean
    }
  | { readonly do: 'thaw'; readonly node: string }
  | { readonly do: 'wait'; readonly node: string }
  | { readonly do: 'usable'; readonly service: string }
  | { readonly do: 'check-seeds'; readonly service: string }
  | { readonly do: 'seed'; readonly service: string }
  | { readonly do: 'stop'; readonly node: string }
  | { readonly do: 'remove'; readonly node: string; readonly keepData: boolean }

export interface Step {
  /** Unique, readable: `start kafka-1`. */
  readonly id: string
  readonly op: StepOp
  /** Why it is done: `new`, `its configuration changed: log.retention.hours`, `killed`. */
  readonly because: string
  /** Ids of steps that must be done first. */
  readonly needs: readonly string[]
  /** False for steps that only look (wait, usable, checks): a plan whose steps all look changes nothing. */
  readonly changes: boolean
}

export interface Plan {
  readonly cluster: string
  readonly steps: readonly Step[]
}
