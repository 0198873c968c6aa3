// Our side of the first record: the library in a program of its own. IPC: sends its moments, ends its cluster when told to.
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { epoch } from '../lib/process.mjs'

const { library, cluster, cwd } = JSON.parse(process.argv[2])
const { startCluster } = await import(pathToFileURL(library).href)
const importedAt = epoch()
const started = await startCluster(cluster, { cwd })
const upAt = epoch()
const { firstRecord } = await import('./first-record.mjs')
const clientAt = epoch()
const moments = await firstRecord(started.endpoints.kafka.bootstrapServers)
const { nodes } = await started.status()
process.send({ importedAt, upAt, clientMs: clientAt - upAt, ...moments, container: nodes[0].handle })
await once(process, 'message')
const begin = epoch()
await started.destroy()
process.send({ downMs: epoch() - begin }, () => process.exit())
