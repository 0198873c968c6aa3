// Cold starts in a row: every one ready, seeded and gone again.
import { leftOf } from './left.mjs'

const FILE =
  'name: cold\nservices:\n  kafka:\n    brokers: 3\n    topics: { orders: { partitions: 3, replicas: 3, seed: { generate: { count: 1000, seed: 1, value: "v{{i}}" } } } }\n'

export async function coldStarts(soak) {
  const rounds = soak.rounds(20)
  soak.write(FILE)
  const bad = []
  const seconds = []
  for (let round = 1; round <= rounds; round++) {
    const began = performance.now()
    const up = await soak.cli(['up', ...soak.flags])
    seconds.push((performance.now() - began) / 1000)
    const status = await soak.cli(['status', '--json'])
    if (up.code !== 0 || status.code !== 0)
      bad.push(`start ${round} ended with ${up.code}, status with ${status.code}: ${up.output.slice(-400)}`)
    const id = /"id": ?"([^"]+)"/.exec(status.stdout)?.[1]
    const down = await soak.cli(['down'])
    const left = id ? leftOf(id, soak) : []
    if (down.code !== 0 || left.length > 0) bad.push(`down ${round} ended with ${down.code} and left ${left.join(', ')}`)
  }
  const sorted = seconds.toSorted((a, b) => a - b)
  const [least = 0, median = 0, most = 0] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  return {
    title: `${rounds} cold starts of three brokers and a controller in a row`,
    result: `all ready and seeded; ${least.toFixed(1)} / ${median.toFixed(1)} / ${most.toFixed(1)} s (least, median, most)`,
    bad,
  }
}
