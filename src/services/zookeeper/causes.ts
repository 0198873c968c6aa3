// Known failures of ZooKeeper's members: what they say, what it means, what helps. Texts as ZooKeeper 3.8 and 3.9 write them.
import type { Cause } from '../../model/service.ts'
import { findLine, JAVA_CAUSES } from '../java-causes.ts'

const myidMismatch: Cause = {
  id: 'MYID_MISMATCH',
  match: ({ log, node }) => {
    const wanted = String(node.facts['myid'])
    const found = findLine(log, /Starting quorum peer, myid=(-?\d+)/)?.[1] ?? findLine(log, /My id (-?\d+) not in the peer list/)?.[1]
    if (found === undefined || found === wanted) return undefined
    return {
      cause: `its data says it is member ${found}, but it is member ${wanted}: the file myid in ${node.place.dirs.data} comes from another member`,
      remedy: 'devcluster down, then devcluster up, makes it anew (all data of this cluster is lost); or put the right myid back',
    }
  },
}

const portTaken: Cause = {
  id: 'PORT_TAKEN',
  match: ({ log }) => {
    if (!findLine(log, /BindException: Address already in use/)) return undefined
    const where = (findLine(log, /Exception while listening to address \/?(\S+)/) ?? findLine(log, /binding to port \/?(\S+)/))?.[1]
    return {
      cause: `another program took ${where ?? 'one of its ports'} after it had been reserved`,
      remedy: 'devcluster up again: it chooses another port unless the file fixes this one',
    }
  },
}

const majorityDown: Cause = {
  id: 'QUORUM_LOST',
  match: ({ node, others, exit }) => {
    const members = Number(node.facts['members'])
    const down = [...(exit ? [{ node: node.id, state: 'stopped' }] : []), ...others]
      .filter((other) => other.node.startsWith(`${node.service}-`) && !['starting', 'running', 'ready'].includes(other.state))
      .map((other) => other.node)
    if (members - down.length > members / 2) return undefined
    return {
      cause: `${down.join(' and ')} ${down.length === 1 ? 'is' : 'are'} down: no majority of ${members} members is left`,
      remedy: 'devcluster up starts them again; look at their logs first',
    }
  },
}

/** First match wins. */
export const zookeeperCauses: readonly Cause[] = [myidMismatch, portTaken, ...JAVA_CAUSES, majorityDown]
