// Is there anything that can run a cluster: an engine, a Java? One of them is enough unless a runtime is asked for.
import { isDevclusterError, messageOf } from '../../errors.ts'
import { cacheHome } from '../../util/paths.ts'
import type { CheckContext, CheckResult } from './check.ts'

const ENGINE_WITHIN_MS = 5_000
const JAVA_MIN = 17

export async function checkEngine(context: CheckContext): Promise<CheckResult> {
  const { createDockerRuntime } = await import('../../runtimes/docker/index.ts')
  try {
    const info = await createDockerRuntime().check(AbortSignal.any([context.signal, AbortSignal.timeout(ENGINE_WITHIN_MS)]))
    return { name: 'container engine', state: 'ok', text: info.description }
  } catch (error) {
    context.signal.throwIfAborted()
    const hint = isDevclusterError(error) ? error.hint : undefined
    return {
      name: 'container engine',
      state: context.runtime === 'docker' ? 'fail' : 'warn',
      text: messageOf(error),
      ...(hint === undefined ? {} : { hint }),
    }
  }
}

export async function checkJava(context: CheckContext): Promise<CheckResult> {
  const { javaNotFound, searchJava } = await import('../../runtimes/process/java.ts')
  const name = 'java'
  try {
    const found = await searchJava({ minVersion: JAVA_MIN, env: context.env, cache: cacheHome(context.env), signal: context.signal })
    if ('java' in found) return { name, state: 'ok', text: `Java ${found.java.version} (${found.java.program})` }
    const error = javaNotFound(JAVA_MIN, found.tooOld, [])
    // It is fetched when it is needed; whether that works shows then.
    return {
      name,
      state: 'warn',
      text: `${error.message}; up tries to fetch one`,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    }
  } catch (error) {
    context.signal.throwIfAborted()
    const hint = isDevclusterError(error) ? error.hint : undefined
    return { name, state: context.runtime === 'docker' ? 'warn' : 'fail', text: messageOf(error), ...(hint === undefined ? {} : { hint }) }
  }
}
