// Runs one of bench/children as a program of its own and talks with it over IPC.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { epoch } from './process.mjs'

/** @returns `next`: what it tells next; `ask`: tells it something and waits for the answer; `close`: it ends */
export function openChild(name, task, env, withinMs = 240_000) {
  const program = fileURLToPath(new URL(`../children/${name}.mjs`, import.meta.url))
  const spawnedAt = epoch()
  const child = fork(program, [JSON.stringify(task)], { env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk).slice(-4000)
  })
  const next = () =>
    new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        child.kill('SIGTERM')
        reject(new Error(`${name} told nothing for ${withinMs / 1000} s: ${errors}`))
      }, withinMs)
      const over = (code) => {
        clearTimeout(limit)
        reject(new Error(`${name} ended with ${code}: ${errors}`))
      }
      child.once('exit', over)
      child.once('message', (message) => {
        clearTimeout(limit)
        child.off('exit', over)
        resolve(message)
      })
    })
  return {
    spawnedAt,
    next,
    ask(message) {
      const answer = next()
      child.send(message)
      return answer
    },
    close() {
      if (child.connected) child.disconnect()
    },
  }
}

/** @returns moments of the child, and `end`, which tells it to take everything away */
export async function startChild(name, task, env) {
  const child = openChild(name, task, env)
  return { spawnedAt: child.spawnedAt, moments: await child.next(), end: () => child.ask('end') }
}
