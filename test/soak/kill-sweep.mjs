// SIGKILL of `devcluster up` at random moments: then, in turn, the next up succeeds with every seeded record once, or down leaves nothing behind.
import { leftOf } from './left.mjs'

const RECORDS = 2000
const FILE = `name: sweep\nservices:\n  kafka:\n    brokers: 1\n    topics: { orders: { partitions: 2, seed: { generate: { count: ${RECORDS}, seed: 1, value: "v{{i}}" } } } }\n`

export async function killSweep(soak) {
  const rounds = soak.rounds(30)
  const title = `SIGKILL of up at ${rounds} random moments`
  soak.write(FILE)
  const began = performance.now()
  const whole = await soak.cli(['up', ...soak.flags])
  const wholeMs = performance.now() - began
  const bad = []
  if (whole.code !== 0) return { title, result: '', bad: [`the first up failed: ${whole.output.slice(-500)}`] }
  const { id } = JSON.parse((await soak.cli(['status', '--json'])).stdout)
  await soak.cli(['down'])
  let repaired = 0
  let removed = 0
  for (let round = 0; round < rounds; round++) {
    const atMs = Math.random() * wholeMs
    const when = `killed at ${atMs.toFixed(0)} of ${wholeMs.toFixed(0)} ms`
    await soak.cli(['up', ...soak.flags], atMs)
    if (round % 2 === 0) {
      const next = await soak.cli(['up', ...soak.flags])
      const read = await soak.cli(['consume', 'orders'])
      const records = read.stdout.split('\n').filter((line) => /^v\d+$/.test(line)).length
      if (next.code === 0 && records === RECORDS) repaired++
      else bad.push(`${when}, the next up ended with ${next.code}, ${records} of ${RECORDS} records: ${next.output.slice(-300)}`)
    }
    const down = await soak.cli(['down'])
    const left = leftOf(id, soak)
    if (down.code === 0 && left.length === 0) removed++
    else bad.push(`${when}, down ended with ${down.code} and left ${left.join(', ')}: ${down.output.slice(-300)}`)
  }
  return { title, result: `${repaired} repaired by the next up with all ${RECORDS} records, ${removed} removed by down, nothing left`, bad }
}
