// Medians, spreads and ratios of interleaved samples. Pure.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Nearest rank. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
}

/** @returns {{ median: number, min: number, max: number, n: number }} */
export function spread(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), n: values.length }
}

/** Ratio of each pair, `ours[i] / theirs[i]`: what was measured next to each other is compared, so that a slow phase of the machine hits both. */
export function ratios(ours, theirs) {
  const n = Math.min(ours.length, theirs.length)
  return spread(Array.from({ length: n }, (_, i) => ours[i] / theirs[i]))
}

export function ms(value) {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`
}

export function spreadText(values, format = ms) {
  const { median: middle, min, max, n } = spread(values)
  return `${format(middle)} [${format(min)} .. ${format(max)}], n=${n}`
}

export const times = (value) => `${value.toFixed(2)}x`
