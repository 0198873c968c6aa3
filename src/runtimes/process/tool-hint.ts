// What to say to a name that is no tool of a node. Pure.
import type { NodeCommand } from '../../model/node.ts'
import { suggest } from '../../util/suggest.ts'

/** The nearest, or all of them, each once. */
export function toolHint(commands: Readonly<Record<string, NodeCommand>>, name: string): string {
  const all = Object.keys(commands).filter((known) => !(known.endsWith('.sh') && Object.hasOwn(commands, known.slice(0, -'.sh'.length))))
  if (all.length === 0) return 'give a program of PATH'
  const near = name === '' ? undefined : suggest(name.replace(/\.sh$/, ''), all)
  return near === undefined ? `its own commands: ${all.join(', ')}` : `did you mean ${near}?`
}
