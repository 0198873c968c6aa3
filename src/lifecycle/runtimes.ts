// The two runtimes by name, and which of them answer. Loads neither the services nor the cluster file's reader.
import type { Runtime } from '../model/runtime.ts'
import type { LoadOptions, RuntimeFactories } from './options.ts'

const RUNTIMES: RuntimeFactories = {
  docker: async () => (await import('../runtimes/docker/index.ts')).createDockerRuntime(),
  process: async () => (await import('../runtimes/process/index.ts')).createProcessRuntime(),
}

export function runtimeFactories(options: LoadOptions): RuntimeFactories {
  return options.runtimes ?? RUNTIMES
}

export async function runtimeNamed(name: string, factories: RuntimeFactories): Promise<Runtime> {
  return name === 'docker' ? factories.docker() : factories.process()
}

/** Runtimes that answer; an engine that does not is no error here. */
export async function usableRuntimes(factories: RuntimeFactories): Promise<Runtime[]> {
  const results = await Promise.all(
    [factories.process, factories.docker].map(async (make) => {
      try {
        const runtime = await make()
        await runtime.check(AbortSignal.timeout(2_000))
        return runtime
      } catch {
        return undefined
      }
    }),
  )
  return results.flatMap((runtime) => runtime ?? [])
}
