// SIGKILL of `devcluster up` at random moments: then, in turn, the next up succeeds or down leaves nothing behind.
import { leftOf } from './left.mjs'

const FILE =
  'name: sweep\nservices:\n  kafka:\n    brokers: 1\n    topics: { orders: { partitions: 2, seed: { generate: { count: 2000, seed: 1, value: "v{{i}}" } } } }\n'

export async function killSweep(soak) {
  const rounds = soak.short ? 3 : 30
  soak.write(FILE)
  const began = performance.now()
  const whole = await soak.cli(['up', ...soak.flags])
  const wholeMs = performance.now() - began
  const bad = []
  if (whole.code !== 0) return { title: 'SIGKILL of up', result: '', bad: [`the first up failed: ${whole.output.slice(-500)}`] }
  const id = JSON.parse((await soak.cli(['status', '--json'])).output.replace(/^[^{]*/, '')).id
  await soak.cli(['down'])
  let repaired = 0
  for (let round = 0; round < rounds; round++) {
    const atMs = Math.random() * wholeMs
    await soak.cli(['up', ...soak.flags], atMs)
    if (round % 2 === 0) {
      const next = await soak.cli(['up', ...soak.flags])
      if (next.code === 0) repaired++
      else bad.push(`killed at ${atMs.toFixed(0)} ms, the next up ended with ${next.code}: ${next.output.slice(-300)}`)
    }
    const down = await soak.cli(['down'])
    const left = leftOf(id, soak.runtime)
    if (down.code !== 0 || left.length > 0)
      bad.push(`killed at ${atMs.toFixed(0)} ms, down ended with ${down.code} and left ${left.join(', ')}`)
  }
  return {
    title: `SIGKILL of up at ${rounds} random moments`,
    result: `${repaired} repaired by up, ${rounds} removed by down, nothing left`,
    bad,
  }
}
