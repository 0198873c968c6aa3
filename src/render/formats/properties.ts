// Writes and reads java.util.Properties text. Comments are written only where asked; reading keeps none.
// Rules: the docs of java.util.Properties.load(Reader) and store0; output is ASCII so that both load(Reader) and load(InputStream) agree.

function unicode(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}

function escape(text: string, isKey: boolean): string {
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    if (char === '\\') out += '\\\\'
    else if (char === '\n') out += '\\n'
    else if (char === '\r') out += '\\r'
    else if (char === '\t') out += '\\t'
    else if (char === '\f') out += '\\f'
    // A blank ends a key anywhere, a value only loses leading ones.
    else if (char === ' ') out += isKey || i === 0 ? '\\ ' : ' '
    // Separators end a key; comment marks only matter at the start of a line, which only a key can be at.
    else if (isKey && (char === '=' || char === ':' || char === '#' || char === '!')) out += `\\${char}`
    else if (char < ' ' || char > '~') out += unicode(char)
    else out += char
  }
  return out
}

/** One `key=value` line each, in the order given. Every string survives `java.util.Properties.load`, UTF-16 surrogates included. */
export function formatProperties(entries: Iterable<readonly [string, string]>): string {
  let out = ''
  for (const [key, value] of entries) out += `${escape(key, true)}=${escape(value, false)}\n`
  return out
}

const SPACE = new Set([' ', '\t', '\f'])

function logicalLines(text: string): string[] {
  const lines: string[] = []
  let pending: string | undefined
  for (const natural of text.split(/\r\n|\n|\r/)) {
    const line = natural.replace(/^[ \t\f]+/, '')
    // A comment is a comment only where a logical line begins.
    if (pending === undefined && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue
    const whole: string = (pending ?? '') + line
    const slashes = /\\*$/.exec(line)?.[0].length ?? 0
    if (slashes % 2 === 1) pending = whole.slice(0, -1)
    else {
      lines.push(whole)
      pending = undefined
    }
  }
  if (pending !== undefined && pending !== '') lines.push(pending)
  return lines
}

function unescape(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|[^])/g, (_, code: string) => {
    if (code.length === 5) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    return { n: '\n', r: '\r', t: '\t', f: '\f' }[code] ?? code
  })
}

/** Reads properties text as Java does; a later key replaces an earlier one. */
export function parseProperties(text: string): Map<string, string> {
  const result = new Map<string, string>()
  for (const line of logicalLines(text)) {
    let end = 0
    while (end < line.length) {
      const char = line.charAt(end)
      if (char === '\\') end++
      else if (char === '=' || char === ':' || SPACE.has(char)) break
      end++
    }
    let start = end
    while (start < line.length && SPACE.has(line.charAt(start))) start++
    if (line.charAt(start) === '=' || line.charAt(start) === ':') start++
    while (start < line.length && SPACE.has(line.charAt(start))) start++
    result.set(unescape(line.slice(0, Math.min(end, line.length))), unescape(line.slice(start)))
  }
  return result
}
