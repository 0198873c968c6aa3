// How a container ended, from the engine's numbers. Pure.
import { constants } from 'node:os'
import type { NodeExit } from '../../model/runtime.ts'
import type { ContainerDetails } from './api.ts'

/** An exit code above 128 means death by signal code-128, as shells count. */
export function signalOf(exitCode: number): string | null {
  if (exitCode <= 128 || exitCode > 128 + 64) return null
  const number = exitCode - 128
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? null
}

/** Exit of an ended container; undefined while it runs or when it never ran. */
export function exitOf(node: string, container: ContainerDetails, expected: boolean): NodeExit | undefined {
  const at = Date.parse(container.State.FinishedAt)
  if (container.State.Running || !Number.isFinite(at) || at <= 0) return undefined
  const code = container.State.ExitCode
  return { node, at, code, signal: signalOf(code), outOfMemory: container.State.OOMKilled, expected }
}
