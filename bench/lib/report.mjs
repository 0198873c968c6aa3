// Text of bench/RESULTS.md: one section per row, kept over partial runs, and a table of all bars in front. Measures nothing.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { spreadText, times } from './stats.mjs'

/** A table of sides: `{ name: [values] }`, one line each. */
export function sidesTable(sides, format) {
  const lines = Object.entries(sides)
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => `| ${name} | ${spreadText(values, format)} |`)
  return ['| | median [min .. max] |', '|---|---|', ...lines].join('\n')
}

/**
 * Judges a ratio (or a plain value) against its bar.
 * @param {string} name
 * @param {{ median: number, min: number, max: number, n: number }} value
 * @param {{ bar: number, atLeast?: boolean, format?: (value: number) => string, why?: string }} options
 */
export function judge(name, value, { bar, atLeast = false, format = times, why }) {
  const met = atLeast ? value.median >= bar : value.median <= bar
  const missedBy = atLeast ? bar / value.median - 1 : value.median / bar - 1
  return {
    name,
    measured: `${format(value.median)} [${format(value.min)} .. ${format(value.max)}], n=${value.n}`,
    bar: `${atLeast ? '>=' : '<='} ${format(bar)}`,
    verdict: met ? 'met' : `missed by ${(missedBy * 100).toFixed(0)} %${why ? `: ${why}` : ''}`,
  }
}

/** A figure without a bar of its own. */
export function beside(name, value, format = times) {
  return {
    name,
    measured: `${format(value.median)} [${format(value.min)} .. ${format(value.max)}], n=${value.n}`,
    bar: '-',
    verdict: 'for comparison',
  }
}

const SECTION = /<!-- row (\S+) (\{.*?\}) -->\n([\s\S]*?)<!-- end -->\n/g

/** Sections of an earlier file by row id. */
function sectionsOf(file) {
  const sections = new Map()
  if (!existsSync(file)) return sections
  for (const [, id, json, body] of readFileSync(file, 'utf8').matchAll(SECTION)) sections.set(id, { data: JSON.parse(json), body })
  return sections
}

function sectionText({ title, outcome, origin }) {
  const head = `## ${title}\n\n${origin}\n`
  if (outcome.skipped) return `${head}\nSkipped: ${outcome.skipped}.\n`
  if (outcome.failed) return `${head}\nFailed: ${outcome.failed}\n`
  const verdicts = outcome.judged.map(({ name, measured, bar, verdict }) => `| ${name} | ${measured} | ${bar} | ${verdict} |`)
  const notes = (outcome.notes ?? []).map((note) => `- ${note}`).join('\n')
  const parts = [
    ...outcome.tables,
    verdicts.length === 0 ? '' : ['| Compared | measured | bar | |', '|---|---|---|---|', ...verdicts].join('\n'),
    notes,
  ]
  return `${head}\n${parts.filter(Boolean).join('\n\n')}\n`
}

/** Writes the results of these rows over those of an earlier run; other rows stay as they were, each with its own date. */
export function writeResults(file, head, rows) {
  const sections = sectionsOf(file)
  for (const row of rows) {
    const { outcome } = row
    // A row that could not run here must not erase one that could.
    if (outcome.skipped && sections.has(row.id) && !sections.get(row.id).data.skipped) continue
    const data = {
      id: row.id,
      order: row.order,
      title: row.title,
      skipped: outcome.skipped,
      failed: outcome.failed,
      judged: outcome.judged,
    }
    sections.set(row.id, { data, body: `${sectionText(row)}` })
  }
  const ordered = [...sections.values()].sort((a, b) => a.data.order - b.data.order)
  const overview = ordered.flatMap(({ data }) => {
    if (data.skipped) return [`| ${data.id} | ${data.title} | - | - | skipped: ${data.skipped} |`]
    if (data.failed) return [`| ${data.id} | ${data.title} | - | - | failed |`]
    return (data.judged ?? [])
      .filter(({ bar }) => bar !== '-')
      .map(({ name, measured, bar, verdict }) => `| ${data.id} | ${name} | ${measured} | ${bar} | ${verdict} |`)
  })
  const text = [
    head,
    '| Row | Compared | measured | bar | |',
    '|---|---|---|---|---|',
    ...overview,
    '',
    ...ordered.map(({ data, body }) => `<!-- row ${data.id} ${JSON.stringify(data)} -->\n${body}<!-- end -->\n`),
  ].join('\n')
  writeFileSync(file, text)
}
