// Rows -> aligned columns. Pure; colour codes do not count as width.

const CODES = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g')

/** Columns two blanks apart, nothing behind the last one. */
export function columns(rows: readonly (readonly string[])[], indent = ''): string {
  const width = (text: string) => text.replaceAll(CODES, '').length
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, width(cell))))
  return rows
    .map(
      (row) =>
        indent +
        row
          .map((cell, index) => (index === row.length - 1 ? cell : cell + ' '.repeat((widths[index] ?? 0) - width(cell))))
          .join('  ')
          .trimEnd(),
    )
    .join('\n')
}
