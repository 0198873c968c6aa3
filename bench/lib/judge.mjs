// Handle of the prober's process: start it once, ask it as often as needed, one question at a time.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('./prober.mjs', import.meta.url))

export function startJudge(env) {
  const child = fork(PROGRAM, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  let stopped = false
  let forget = () => {}
  child.once('exit', (code) => {
    if (!stopped) throw new Error(`the prober ended with ${code}`)
  })
  return {
    /** Resolves with the epoch ms at which the task was fulfilled. @throws after withinMs */
    watch(task, withinMs = 180_000) {
      forget()
      return new Promise((resolve, reject) => {
        const limit = setTimeout(() => {
          forget()
          reject(new Error(`the prober saw no ${task.kind} usable at ${task.ports.join(', ')} within ${withinMs / 1000} s`))
        }, withinMs)
        const told = ({ at }) => {
          forget()
          resolve(at)
        }
        forget = () => {
          clearTimeout(limit)
          child.off('message', told)
          forget = () => {}
        }
        child.once('message', told)
        child.send(task)
      })
    },
    /** Forgets the question whose sample has failed: it is never answered, and nobody waits for it. */
    cancel() {
      forget()
      child.send(null)
    },
    stop() {
      stopped = true
      child.kill()
    },
  }
}
