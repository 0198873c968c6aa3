// Chooses the runtime: the one that was asked for, else containers when an engine answers, else processes. Makes none itself.
import { DevclusterError, isDevclusterError, messageOf } from '../errors.ts'
import type { Runtime, RuntimeInfo } from '../model/runtime.ts'

/** How long `auto` waits for an engine: a local one answers in milliseconds, and nobody wants to wait for one that hangs. */
const AUTO_MS = 1_000

export interface RuntimeMakers {
  readonly docker: () => Promise<Runtime>
  readonly process: () => Promise<Runtime>
}

export interface SelectedRuntime {
  readonly runtime: Runtime
  readonly info: RuntimeInfo
  /** Why this one: `runtime: docker`, `an engine answers`, `no container engine answers`. */
  readonly because: string
}

/** An engine that answers, or why none does. An abort of the caller's signal is thrown. */
async function tryEngine(make: RuntimeMakers, signal: AbortSignal): Promise<{ runtime: Runtime; info: RuntimeInfo } | { why: string }> {
  const limit = AbortSignal.timeout(AUTO_MS)
  try {
    const runtime = await make.docker()
    return { runtime, info: await runtime.check(AbortSignal.any([signal, limit])) }
  } catch (error) {
    signal.throwIfAborted()
    if (limit.aborted) return { why: `no container engine answers within ${AUTO_MS / 1000} s` }
    if (isDevclusterError(error) && error.code === 'RUNTIME_UNAVAILABLE') return { why: messageOf(error) }
    throw error
  }
}

/**
 * The runtime to use, checked.
 * @throws RUNTIME_UNAVAILABLE when the wanted one cannot be used, or `auto` finds neither.
 */
export async function selectRuntime(
  wanted: 'auto' | 'docker' | 'process',
  make: RuntimeMakers,
  signal: AbortSignal,
): Promise<SelectedRuntime> {
  if (wanted !== 'auto') {
    const runtime = await make[wanted]()
    return { runtime, info: await runtime.check(signal), because: `runtime: ${wanted}` }
  }
  const engine = await tryEngine(make, signal)
  if ('runtime' in engine) return { ...engine, because: 'a container engine answers' }
  const runtime = await make.process()
  try {
    return { runtime, info: await runtime.check(signal), because: engine.why }
  } catch (error) {
    signal.throwIfAborted()
    if (!isDevclusterError(error) || error.code !== 'RUNTIME_UNAVAILABLE') throw error
    throw new DevclusterError('RUNTIME_UNAVAILABLE', `${engine.why}; and processes cannot be used either: ${error.message}`, {
      hint: error.hint,
      cause: error,
    })
  }
}
