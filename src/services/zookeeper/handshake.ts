// Is each member serving? Node's built-ins only and no other module of weight: `status` loads this file alone.
import type { Verdict } from '../../model/probe.ts'
import { fourLetters, parseSrvr, type Srvr } from './srvr.ts'

/** What the state file knows of a node. */
export interface KnownNode {
  readonly id: string
  readonly role: string
  readonly ports: Readonly<Record<string, { readonly host: string; readonly port: number }>>
  readonly facts: Readonly<Record<string, string | number | boolean>>
}

/** One member's answer: its mode, or why not. */
export async function askMember(node: KnownNode, signal: AbortSignal): Promise<{ readonly srvr: Srvr } | { readonly why: string }> {
  const client = node.ports['client']
  if (!client) return { why: 'its client port is not published' }
  try {
    const srvr = parseSrvr(await fourLetters(client, 'srvr', signal))
    return srvr ? { srvr } : { why: 'it serves no requests: no majority of members has elected a leader yet' }
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) }
  }
}

/** A mode that fits: alone a member is standalone, in an ensemble it is not. */
export function judge(node: KnownNode, srvr: Srvr): Verdict {
  const alone = node.facts['members'] === 1
  if (alone !== (srvr.mode === 'standalone'))
    return {
      ready: false,
      why: `it is ${srvr.mode}, but ${alone ? 'there is one member' : `there are ${String(node.facts['members'])} members`}`,
      fatal: true,
    }
  return { ready: true, detail: srvr.mode }
}

/** Verdict of every node, all asked at once. */
export default async function handshake(nodes: readonly KnownNode[], signal: AbortSignal): Promise<Record<string, Verdict>> {
  const answers = await Promise.all(
    nodes.map(async (node): Promise<[string, Verdict]> => {
      const answer = await askMember(node, signal)
      return [node.id, 'why' in answer ? { ready: false, why: answer.why } : judge(node, answer.srvr)]
    }),
  )
  return Object.fromEntries(answers)
}
