// All files of a cluster -> one merged tree: interpolation, `extends`, repeated files, --set. Knows no service and no schema.
import { readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { messageOf } from '../errors.ts'
import { contentHash } from '../util/content-hash.ts'
import { hasErrno } from '../util/fs.ts'
import { type Diagnostic, diagnosticAt } from './diagnostic.ts'
import { findClusterFile } from './find.ts'
import { hashFile } from './inputs.ts'
import { interpolate } from './interpolate.ts'
import { merge, without } from './merge.ts'
import { isModule, type Parsed, parseFile, parseObject } from './parse.ts'
import { applySet } from './set.ts'
import { didYouMean } from './suggest.ts'
import type { MapNode, Source, Span, TreeNode } from './tree.ts'
import { createVariables, parseDotEnv, type Variables } from './variables.ts'

export interface ReadRequest {
  readonly files?: readonly string[] | undefined
  readonly object?: unknown
  readonly cwd: string
  readonly sets: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** One document out of all files. */
export interface ReadResult {
  readonly root: MapNode
  /** Something could not be parsed: what the document lacks is not the user's mistake, so nothing further is judged. */
  readonly broken: boolean
  readonly diagnostics: readonly Diagnostic[]
  /** Cluster files as named, absolute; empty for an object. */
  readonly roots: readonly string[]
  /** Everything read, precedence rising, with `.env` where there is one. */
  readonly used: readonly string[]
  readonly files: readonly { path: string; hash: string | null }[]
  readonly variables: Variables
  readonly opaque: boolean
}

/** A file named in another. */
interface Reference {
  readonly span: Span
  readonly text: string
}

type DotEnv = Readonly<Record<string, string | undefined>>

/**
 * Reads and merges.
 * @throws DevclusterError CONFIG_NOT_FOUND when no file is named and none is found.
 */
export async function readDocuments(request: ReadRequest): Promise<ReadResult> {
  const reader = new Reader(request)
  return reader.read()
}

class Reader {
  private readonly request: ReadRequest
  private readonly variables: Variables
  private readonly diagnostics: Diagnostic[] = []
  private readonly files = new Map<string, string | null>()
  private readonly dotEnvs = new Map<string, DotEnv>()
  private readonly used: string[] = []
  private broken = false
  private opaque = false
  private mainDir: string

  constructor(request: ReadRequest) {
    this.request = request
    this.variables = createVariables(request.env)
    this.mainDir = request.cwd
  }

  async read(): Promise<ReadResult> {
    const { request } = this
    const roots = request.object === undefined ? this.roots() : []
    let root: TreeNode | undefined
    if (request.object === undefined) {
      this.mainDir = dirname(roots[0] ?? request.cwd)
      for (const path of roots) root = this.lay(root, await this.file(path, []))
    } else {
      this.opaque = true
      const source: Source = { kind: 'object', name: 'object', dir: request.cwd }
      root = await this.document(parseObject(request.object, source), [])
    }
    for (const flag of request.sets) {
      if (!root) break
      const { root: changed, problem } = await applySet(root, flag, request.cwd)
      root = changed
      if (problem) this.diagnostics.push(diagnosticAt(problem.span, problem.path, problem))
    }
    const files = [...this.files].map(([path, hash]) => ({ path, hash }))
    const empty: MapNode = { type: 'map', entries: new Map(), span: { source: { kind: 'object', name: 'object', dir: request.cwd } } }
    return {
      root: root?.type === 'map' ? root : empty,
      broken: this.broken || root?.type !== 'map',
      diagnostics: this.diagnostics,
      roots,
      used: this.used,
      files,
      variables: this.variables,
      opaque: this.opaque,
    }
  }

  private roots(): string[] {
    const { files, cwd } = this.request
    return files && files.length > 0 ? files.map((file) => resolve(cwd, file)) : [findClusterFile(cwd)]
  }

  private lay(base: TreeNode | undefined, over: TreeNode | undefined): TreeNode | undefined {
    return base && over ? merge(base, over) : (over ?? base)
  }

  /** A file with everything it extends. `chain`: files being extended right now, for cycles. */
  private async file(path: string, chain: readonly string[], from?: Reference): Promise<TreeNode | undefined> {
    const text = this.text(path, from)
    if (text === undefined) return undefined
    if (isModule(path)) this.opaque = true
    return this.document(await parseFile(path, text), [...chain, path])
  }

  private text(path: string, from: Reference | undefined): string | undefined {
    try {
      const text = readFileSync(path)
      this.files.set(path, contentHash(text))
      return text.toString('utf8')
    } catch (error) {
      this.files.set(path, null)
      this.broken = true
      const why = hasErrno(error, 'ENOENT') ? 'there is no such file' : hasErrno(error, 'EISDIR') ? 'it is a folder' : messageOf(error)
      if (from)
        this.diagnostics.push(
          diagnosticAt(from.span, ['extends'], { message: `extends: cannot read ${from.text}: ${why}`, hint: `looked for ${path}` }),
        )
      else {
        const source: Source = { kind: 'file', name: path, dir: dirname(path) }
        this.diagnostics.push(diagnosticAt({ source }, [], { code: 'CONFIG_NOT_FOUND', message: `cannot read the cluster file: ${why}` }))
      }
      return undefined
    }
  }

  private async document(parsed: Parsed, chain: readonly string[]): Promise<TreeNode | undefined> {
    this.diagnostics.push(...parsed.diagnostics)
    if (!parsed.root) {
      this.broken = true
      return undefined
    }
    const { source } = parsed
    let root = parsed.root
    // An empty file is an empty document.
    if (root.type === 'scalar' && root.value === null) root = { type: 'map', entries: new Map(), span: root.span }
    if (root.type !== 'map') {
      this.broken = true
      this.diagnostics.push(
        diagnosticAt(root.span, [], { message: 'expected a map with "services:"', hint: 'a cluster file begins with `services:`' }),
      )
      return undefined
    }
    if (source.kind === 'file') root = this.interpolated(root, source)
    const bases = root.type === 'map' ? await this.bases(root, source, chain) : undefined
    if (source.kind !== 'object') this.used.push(source.name)
    if (root.type !== 'map') return root
    return this.lay(bases, without(root, new Set(['extends'])))
  }

  /** The merged documents under `extends:`. */
  private async bases(root: MapNode, source: Source, chain: readonly string[]): Promise<TreeNode | undefined> {
    const entry = root.entries.get('extends')
    if (!entry) return undefined
    const items = entry.value.type === 'list' ? entry.value.items : [entry.value]
    let merged: TreeNode | undefined
    for (const item of items) {
      if (item.type !== 'scalar' || typeof item.value !== 'string' || item.value === '') {
        if (item.type === 'scalar' && item.value === null) continue
        this.diagnostics.push(diagnosticAt(entry.key, ['extends'], { message: 'extends: expected a file name or a list of them' }))
        continue
      }
      const path = resolve(source.dir, item.value)
      const at = chain.indexOf(path)
      if (at >= 0) {
        const cycle = [...chain.slice(at), path].map((each) => basename(each)).join(' -> ')
        this.diagnostics.push(
          diagnosticAt(item.span, ['extends'], { message: `extends: the files extend each other in a circle: ${cycle}` }),
        )
        continue
      }
      merged = this.lay(merged, await this.file(path, chain, { span: item.span, text: item.value }))
    }
    return merged
  }

  private interpolated(root: TreeNode, source: Source): TreeNode {
    // The first file's folder is where a user keeps the project's .env; a file from elsewhere may bring its own defaults.
    const dirs = [...new Set([this.mainDir, source.dir])]
    const lookup = (name: string) =>
      this.variables.get(
        name,
        dirs.map((dir) => this.dotEnv(join(dir, '.env'))),
      )
    return interpolate(root, {
      lookup,
      report: (node, path, text) =>
        this.diagnostics.push(diagnosticAt(node.span, path, { ...text, hint: this.hintFor(text.message, text.hint, dirs) })),
    })
  }

  /** A variable that is nearly one of `.env` is a typing error more often than not. */
  private hintFor(message: string, hint: string | undefined, dirs: readonly string[]): string | undefined {
    const name = /^([A-Za-z_]\w*) is not set/.exec(message)?.[1]
    if (name === undefined) return hint
    return (
      didYouMean(
        name,
        dirs.flatMap((dir) => Object.keys(this.dotEnv(join(dir, '.env')))),
      ) ?? hint
    )
  }

  private dotEnv(path: string): DotEnv {
    const known = this.dotEnvs.get(path)
    if (known) return known
    const hash = hashFile(path)
    this.files.set(path, hash)
    const values = hash === null ? {} : parseDotEnv(readFileSync(path, 'utf8'))
    if (hash !== null) this.used.push(path)
    this.dotEnvs.set(path, values)
    return values
  }
}
