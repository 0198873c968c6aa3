// One cluster file -> tree with positions, by its ending. Neither merges nor interprets.
import { dirname, extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { messageOf } from '../errors.ts'
import { type Diagnostic, diagnosticAt } from './diagnostic.ts'
import { parseJson } from './parse-json.ts'
import { fromObject } from './parse-object.ts'
import { parseYaml } from './parse-yaml.ts'
import type { Source, TreeNode } from './tree.ts'

export interface Parsed {
  readonly source: Source
  /** Undefined when it could not be parsed; the diagnostics then say why. */
  readonly root: TreeNode | undefined
  readonly diagnostics: readonly Diagnostic[]
}

const MODULE_ENDINGS = new Set(['.ts', '.mts', '.mjs', '.js'])

/** True for files whose default export is the document: what they depend on cannot be known without running them. */
export function isModule(path: string): boolean {
  return MODULE_ENDINGS.has(extname(path))
}

/** Parses text (YAML, JSON) or runs a module. Never throws for what is in the file. */
export async function parseFile(path: string, text: string): Promise<Parsed> {
  const dir = dirname(path)
  if (isModule(path)) return parseModule({ kind: 'module', name: path, dir }, text)
  const source: Source = { kind: 'file', name: path, dir, text }
  const { root, problems } = extname(path) === '.json' ? parseJson(source) : await parseYaml(source)
  return { source, root, diagnostics: problems.map(({ start, end, message }) => diagnosticAt({ source, start, end }, [], { message })) }
}

/** A document handed over by a program. */
export function parseObject(value: unknown, source: Source): Parsed {
  const { root, problems } = fromObject(value, source)
  return { source, root, diagnostics: problems.map(({ path, message }) => diagnosticAt({ source }, path, { message })) }
}

async function parseModule(source: Source, text: string): Promise<Parsed> {
  try {
    const { createJiti } = await import('jiti')
    const jiti = createJiti(pathToFileURL(source.name).href, { fsCache: false, moduleCache: false, interopDefault: true })
    // From its text, as Node keeps an imported module for the life of the process: a changed file would go unnoticed.
    const exports: unknown = await jiti.evalModule(text, { filename: source.name, id: source.name, async: true, forceTranspile: true })
    const loaded: unknown = typeof exports === 'object' && exports !== null && 'default' in exports ? exports.default : exports
    // A function may decide at run time, as in other tools' configuration files.
    const value: unknown = typeof loaded === 'function' ? await loaded() : loaded
    return parseObject(value, source)
  } catch (error) {
    return {
      source,
      root: undefined,
      diagnostics: [diagnosticAt({ source }, [], { message: `cannot be loaded: ${messageOf(error)}`, ...hintOf(messageOf(error)) })],
    }
  }
}

/** Nothing but types is needed from the package, and a plain object does without it. */
function hintOf(message: string): { hint?: string } {
  if (!/Cannot find (module|package) ['"]devcluster(\/[^'"]*)?['"]/.test(message)) return {}
  return { hint: 'npm install --save-dev devcluster, or export a plain object without importing it' }
}
