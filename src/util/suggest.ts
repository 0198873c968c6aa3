// "Did you mean": the closest of some known words. Pure.

/** Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1)
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}

/** The known word nearest to `word`, ignoring case and separators; undefined when none is near enough (a third of its length, at least two edits). */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_.]/g, '')
  let best: { word: string; edits: number } | undefined
  for (const candidate of known) {
    const edits = distance(plain(word), plain(candidate))
    if (edits <= Math.max(2, Math.floor(candidate.length / 3)) && edits < candidate.length && (!best || edits < best.edits))
      best = { word: candidate, edits }
  }
  return best?.word
}
