// Every version line of the catalogue, on KRaft and, where it exists, on ZooKeeper: up, seeded, read back, down.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/setup.mjs'

function variants(soak) {
  const versions = readdirSync(join(root, 'templates', 'kafka', 'artifacts'))
    .map((name) => name.replace('.json', ''))
    .toSorted()
  const all = versions.flatMap((version) =>
    version.startsWith('3.')
      ? [
          [version, 'kraft'],
          [version, 'zookeeper'],
        ]
      : [[version, 'kraft']],
  )
  // Containers exist for the versions whose images were built; the stand-ins are these two.
  const here = soak.runtime === 'docker' && soak.set.length > 0 ? all.filter(([version]) => ['3.9.2', '4.3.1'].includes(version)) : all
  return soak.short ? [here[0], here[1], here.at(-1)].filter((one, i, all) => one && all.indexOf(one) === i) : here
}

export async function versionLines(soak) {
  const bad = []
  const good = []
  for (const [version, mode] of variants(soak)) {
    const zookeeper = mode === 'zookeeper' ? '  zookeeper: { members: 3 }\n' : ''
    soak.write(
      `name: lines\nservices:\n  kafka:\n    version: "${version}"\n    mode: ${mode}\n    brokers: 1\n    topics: { orders: { seed: { generate: { count: 100, seed: 1, value: "v{{i}}" } } } }\n${zookeeper}`,
    )
    const up = await soak.cli(['up', ...soak.flags])
    const read = await soak.cli(['consume', 'orders'])
    const lines = read.stdout.split('\n').filter((line) => /^v\d+$/.test(line)).length
    const down = await soak.cli(['down'])
    if (up.code === 0 && lines === 100 && down.code === 0) good.push(`${version} ${mode}`)
    else bad.push(`${version} ${mode}: up ${up.code}, ${lines} of 100 records, down ${down.code}: ${up.output.slice(-400)}`)
  }
  return { title: 'every version line: up, seeded, read back, down', result: good.join(', '), bad }
}
