// What is wrong with a ZooKeeper service although each option by itself is fine. Findings only.
import type { Finding } from '../../model/service.ts'
import type { ServiceSpec } from '../../model/spec.ts'
import { suggest } from '../../util/suggest.ts'
import { lineOf, ZOOKEEPER_VERSIONS } from './catalogue.ts'
import type { ZookeeperOptions } from './options.ts'

const ADDRESSES = 'Devcluster chooses addresses before the start; use port: for fixed ones.'
const ADMIN = 'The four-letter commands on the client port tell the same.'

const OWNED: Readonly<Record<string, string>> = {
  clientPort: ADDRESSES,
  clientPortAddress: ADDRESSES,
  secureClientPort: ADDRESSES,
  dataDir: 'Data is kept in the data directory of the node.',
  dataLogDir: 'Data is kept in the data directory of the node.',
  'admin.enableServer': ADMIN,
  'admin.serverPort': ADMIN,
  '4lw.commands.whitelist': 'Readiness is asked with srvr; srvr, ruok, mntr, stat and conf are allowed.',
  reconfigEnabled: 'The ensemble is fixed by members:.',
  dynamicConfigFile: 'The ensemble is fixed by members:.',
}

/** All findings of one service. */
export function checkZookeeper({ options }: ServiceSpec<ZookeeperOptions>): readonly Finding[] {
  const { version, members, port, config } = options
  const findings: Finding[] = []
  if (!ZOOKEEPER_VERSIONS.some((known) => known === version)) {
    const near = suggest(version, [...ZOOKEEPER_VERSIONS.map(lineOf), ...ZOOKEEPER_VERSIONS])
    findings.push({
      severity: 'error',
      path: ['version'],
      code: 'VERSION_UNAVAILABLE',
      message: `There is no ZooKeeper ${version} in the catalogue: it has ${ZOOKEEPER_VERSIONS.join(', ')}.`,
      hint: near === undefined ? 'A line such as "3.9" means its newest patch.' : `Did you mean "${near}"?`,
    })
  }
  if (members % 2 === 0) {
    findings.push({
      severity: 'warning',
      path: ['members'],
      message: `${members} members survive no more failures than ${members - 1} would: a majority must live.`,
      hint: 'Use an odd number.',
    })
  }
  if (port !== undefined && port + members - 1 > 65_535) {
    findings.push({
      severity: 'error',
      path: ['port'],
      message: `${members} members counting up from port ${port} end at ${port + members - 1}; the last port is 65535.`,
    })
  }
  for (const key of Object.keys(config)) {
    const hint = key.startsWith('server.') ? ADDRESSES : OWNED[key]
    if (hint !== undefined)
      findings.push({ severity: 'error', path: ['config', key], at: 'key', message: `${key} is set by devcluster.`, hint })
  }
  return findings
}
