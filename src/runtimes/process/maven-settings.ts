// Reads the parts of Maven's settings.xml that matter for downloads: local repository, mirrors, server credentials.
// Not a general XML reader: settings.xml has no attributes that matter here; profiles and proxies are left out (proxies come from the environment).
// Source: https://maven.apache.org/settings.html

export interface MavenMirror {
  readonly id: string
  readonly url: string
  readonly mirrorOf: string
}

export interface MavenServer {
  readonly id: string
  readonly username?: string
  readonly password?: string
  /** From `<configuration><httpHeaders>`: name -> value. */
  readonly headers: Readonly<Record<string, string>>
}

export interface MavenSettings {
  readonly localRepository?: string
  readonly mirrors: readonly MavenMirror[]
  readonly servers: readonly MavenServer[]
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decode(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    return ENTITIES[name ?? ''] ?? whole
  })
}

function blocks(xml: string, tag: string): string[] {
  return [...xml.matchAll(new RegExp(`<${tag}(?:\\s[^>]*)?>([\\s\\S]*?)</${tag}\\s*>`, 'g'))].map((match) => match[1] ?? '')
}

/** `settings.xml` text to settings; unreadable parts are left out. `${env.X}` and `${user.home}` are filled from `env`. */
export function parseMavenSettings(xml: string, env: NodeJS.ProcessEnv): MavenSettings {
  const clean = xml.replaceAll(/<!--[\s\S]*?-->/g, '')
  const fill = (text: string) =>
    decode(text.trim()).replaceAll(/\$\{(env\.)?([\w.]+)\}/g, (whole, isEnv?: string, name?: string) => {
      if (isEnv !== undefined) return env[name ?? ''] ?? whole
      return name === 'user.home' ? (env['HOME'] ?? whole) : whole
    })
  const text = (block: string, tag: string) => {
    const found = blocks(block, tag)[0]
    return found === undefined || found.trim() === '' ? undefined : fill(found)
  }
  // What stands in a profile is not ours to apply: activation rules are Maven's.
  const top = clean.replaceAll(/<profiles>[\s\S]*?<\/profiles>/g, '')
  const mirrors = blocks(blocks(top, 'mirrors')[0] ?? '', 'mirror').flatMap((block): MavenMirror[] => {
    const url = text(block, 'url')
    const mirrorOf = text(block, 'mirrorOf')
    return url === undefined || mirrorOf === undefined ? [] : [{ id: text(block, 'id') ?? '', url, mirrorOf }]
  })
  const servers = blocks(blocks(top, 'servers')[0] ?? '', 'server').flatMap((block): MavenServer[] => {
    const id = text(block, 'id')
    if (id === undefined) return []
    const username = text(block, 'username')
    const password = text(block, 'password')
    const headers: Record<string, string> = {}
    for (const property of blocks(block, 'property')) {
      const name = text(property, 'name')
      const value = text(property, 'value')
      if (name !== undefined && value !== undefined) headers[name] = value
    }
    return [{ id, headers, ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) }]
  })
  const localRepository = text(top, 'localRepository')
  return { mirrors, servers, ...(localRepository === undefined ? {} : { localRepository }) }
}

/** The first mirror that stands for the central repository: `central`, `*` or `external:*`, unless it says `!central`. */
export function mirrorOfCentral(settings: MavenSettings): MavenMirror | undefined {
  return settings.mirrors.find((mirror) => {
    const patterns = mirror.mirrorOf.split(',').map((pattern) => pattern.trim())
    if (patterns.includes('!central')) return false
    return patterns.some((pattern) => pattern === 'central' || pattern === '*' || pattern === 'external:*')
  })
}
