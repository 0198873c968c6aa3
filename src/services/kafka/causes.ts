// Known failures of Kafka's nodes: what they say, what it means, what helps. Texts are matched as Kafka 3.9 to 4.4 write them.
import type { Cause, Evidence } from '../../model/service.ts'
import { parseProperties } from '../../render/formats/properties.ts'
import { findLine, JAVA_CAUSES } from '../java-causes.ts'

const WIPE = 'devcluster down, then devcluster up, makes it anew (all data of this cluster is lost); or put the right data back'

const portTaken: Cause = {
  id: 'PORT_TAKEN',
  match: ({ log }) => {
    const found = findLine(log, /Socket server failed to bind to (\S+): Address already in use/)
    if (!found) return undefined
    return {
      cause: `another program took ${found[1]} after it had been reserved`,
      remedy: 'devcluster up again: it chooses another port unless the file fixes this one',
    }
  },
}

const dataLocked: Cause = {
  id: 'DATA_DIR_LOCKED',
  match: ({ log }) => {
    const found = findLine(log, /Failed to acquire lock on file \.lock in (.+?)\. A Kafka instance/)
    return found
      ? {
          cause: `another Kafka process still uses the data directory ${found[1]}`,
          remedy: `end that process (fuser ${found[1]}/.lock shows it), then devcluster up`,
        }
      : undefined
  },
}

const clusterIdMismatch: Cause = {
  id: 'CLUSTER_ID_MISMATCH',
  hopeless: true,
  match: ({ log }) => {
    const text =
      findLine(log, /INCONSISTENT_CLUSTER_ID/) ??
      findLine(log, /InconsistentClusterIdException/) ??
      findLine(log, /Invalid cluster\.id in: \S+/)
    return text
      ? { cause: 'its data belongs to another cluster: the cluster id in meta.properties is not the one the others have', remedy: WIPE }
      : undefined
  },
}

const nodeIdMismatch: Cause = {
  id: 'NODE_ID_MISMATCH',
  match: ({ log }) => {
    const kraft = findLine(log, /Stored node id (\d+) doesn't match previous node id (\d+) in (\S+?)\.? If/)
    const zookeeper = kraft ? undefined : findLine(log, /Configured broker\.id (\d+) doesn't match stored broker\.id \D*(\d+)/)
    const found = kraft ?? zookeeper
    if (!found) return undefined
    // KRaft names the stored one first, ZooKeeper mode the configured one.
    const [stored, wanted] = kraft ? [found[1], found[2]] : [found[2], found[1]]
    return { cause: `its data belongs to node ${stored}, but it is node ${wanted} (node.id in meta.properties)`, remedy: WIPE }
  },
}

const metadataCorrupt: Cause = {
  id: 'METADATA_CORRUPT',
  match: ({ log }) =>
    findLine(log, /fatal fault: .*raft IO thread/) && findLine(log, /CorruptRecordException/)
      ? { cause: 'its metadata log is damaged (two processes wrote to it, or a disk failed)', remedy: WIPE }
      : undefined,
}

const registeredTwice: Cause = {
  id: 'BROKER_ID_IN_USE',
  match: ({ log }) =>
    findLine(log, /Error while creating ephemeral at \S*\/brokers\/ids\/\d+, node already exists/)
      ? {
          cause: 'ZooKeeper still knows an earlier session of this broker, or another broker has its id',
          remedy: 'wait some seconds for the old session to expire, then devcluster up',
        }
      : undefined,
}

const configRefused: Cause = {
  id: 'CONFIG_REFUSED',
  match: ({ log }) => {
    const found = findLine(log, /ConfigException: (.+)$/)
    return found
      ? {
          cause: `Kafka refuses its configuration: ${found[1]}`,
          remedy: 'correct config: in the cluster file; devcluster plan --explain shows where each value comes from',
        }
      : undefined
  },
}

const unreachable: Cause = {
  id: 'ADVERTISED_UNREACHABLE',
  match: ({ lastWhy }) => {
    const found = /advertises (\S+), which is not reachable from here/.exec(lastWhy ?? '')
    return found
      ? {
          cause: `it tells clients to use ${found[1]}, and nothing answers there`,
          remedy: 'a proxy or firewall may be in between, or bind: names an address that this host cannot reach',
        }
      : undefined
  },
}

/** Ids of the service's voters, from the node's own configuration. */
function voters({ node }: Evidence): string[] {
  const file = node.files.find(({ dir, path }) => dir === 'config' && path === 'server.properties')
  const list = typeof file?.content === 'string' ? (parseProperties(file.content).get('controller.quorum.voters') ?? '') : ''
  return list.split(',').flatMap((voter) => {
    const number = Number.parseInt(voter, 10)
    if (Number.isNaN(number)) return []
    return [number > 100 ? `${node.service}-controller-${number - 100}` : `${node.service}-${number}`]
  })
}

const quorumLost: Cause = {
  id: 'QUORUM_LOST',
  match: (evidence) => {
    const all = voters(evidence)
    const alive = new Set(['starting', 'running', 'ready'])
    const states = new Map(evidence.others.map((other) => [other.node, other.state]))
    if (evidence.exit) states.set(evidence.node.id, 'stopped')
    const down = all.filter((id) => !alive.has(states.get(id) ?? 'running'))
    if (all.length === 0 || all.length - down.length > all.length / 2) return undefined
    // Of a quorum of one it says nothing that its own end does not say better.
    if (all.length === 1 && all[0] === evidence.node.id) return undefined
    return {
      cause: `${down.join(' and ')} ${down.length === 1 ? 'is' : 'are'} down: ${down.length} of ${all.length} voters, so the quorum has no majority`,
      remedy: 'devcluster up starts them again; look at their logs first',
    }
  },
}

/** First match wins: what a node says about itself before what follows from others. */
export const kafkaCauses: readonly Cause[] = [
  portTaken,
  dataLocked,
  clusterIdMismatch,
  nodeIdMismatch,
  registeredTwice,
  ...JAVA_CAUSES,
  metadataCorrupt,
  configRefused,
  unreachable,
  quorumLost,
]
