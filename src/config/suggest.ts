// "Did you mean": nearest name by edit distance. Pure.

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours each count one. */
export function editDistance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] ?? 0) + 1)
      row.push(best)
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}

/** The nearest candidate, when it is near enough to be what was meant: a third of the word, at least one letter. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  // A word this long is no typing error, and the table would be large.
  if (word.length > 80) return undefined
  const wanted = word.toLowerCase()
  let best: { name: string; distance: number } | undefined
  for (const name of candidates) {
    const candidate = name.toLowerCase()
    const limit = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3))
    if (Math.abs(candidate.length - wanted.length) > limit) continue
    const distance = editDistance(wanted, candidate)
    if (distance <= limit && (!best || distance < best.distance)) best = { name, distance }
  }
  return best?.name
}

/** `did you mean "brokers"?`, or undefined. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const name = nearest(word, candidates)
  return name === undefined || name === word ? undefined : `did you mean "${name}"?`
}

/** `a, b or c`; at most `limit` of them. */
export function orList(words: readonly string[], limit = 12): string {
  if (words.length > limit) return `${words.slice(0, limit).join(', ')}, ...`
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
