// The order of measuring: A B A B ..., each sample after a quiet moment.

import { quiet } from './quiet.mjs'
import { median } from './stats.mjs'

/**
 * Calls each side n times in turn; whoever begins changes, so that neither always runs after the other.
 * @param {Record<string, (round: number) => Promise<unknown>>} sides
 * @returns results by side and the median share of the machine that others used
 */
export async function interleave(context, n, sides) {
  const names = Object.keys(sides)
  const results = Object.fromEntries(names.map((name) => [name, []]))
  const noise = []
  for (let round = 0; round < n; round++) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      noise.push(await quiet(context.patienceMs))
      const result = await sides[name](round)
      results[name].push(result)
      context.say(`  ${round + 1}/${n} ${name}: ${describe(result)}`)
    }
  }
  return { results, noise: median(noise), noisiest: Math.max(...noise) }
}

function describe(result) {
  if (typeof result === 'number') return `${result.toFixed(1)}`
  return Object.entries(result)
    .filter(([, value]) => typeof value === 'number')
    .map(([key, value]) => `${key} ${value.toFixed(0)}`)
    .join(', ')
}

/** One measure of all results of a side. */
export const pick = (results, key) => results.map((result) => result[key]).filter((value) => typeof value === 'number')

export const noiseNote = ({ noise, noisiest }) =>
  `Before the samples, others used ${(noise * 100).toFixed(0)} % of the processors (median; at most ${(noisiest * 100).toFixed(0)} %).`
