// Handle of the prober's process: start it once, ask it as often as needed.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('./prober.mjs', import.meta.url))

export function startJudge(env) {
  const child = fork(PROGRAM, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  return {
    /** Resolves with the epoch ms at which the task was fulfilled. @throws after withinMs */
    watch(task, withinMs = 180_000) {
      return new Promise((resolve, reject) => {
        const limit = setTimeout(() => {
          child.send(null)
          child.off('message', told)
          reject(new Error(`the prober saw no ${task.kind} usable at ${task.ports.join(', ')} within ${withinMs / 1000} s`))
        }, withinMs)
        const told = ({ at }) => {
          clearTimeout(limit)
          resolve(at)
        }
        child.once('message', told)
        child.send(task)
      })
    },
    cancel() {
      child.removeAllListeners('message')
      child.send(null)
    },
    stop() {
      child.kill()
    },
  }
}
