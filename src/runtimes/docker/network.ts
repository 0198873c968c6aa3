// The cluster's own network: made once however many nodes start at the same time, removed with whatever still hangs on it.
import { delay } from '../../util/async.ts'
import type { NetworkDetails } from './api.ts'
import { type Engine, filters, isStatus, orAbsent } from './engine.ts'
import { type Labels, networkName } from './labels.ts'

const REMOVE_TRIES = 40
const REMOVE_STEP_MS = 50

async function byName(engine: Engine, name: string): Promise<NetworkDetails[]> {
  // The filter matches parts of names.
  const found = await engine.get<NetworkDetails[]>('/networks', { query: { filters: filters({ name: [name] }) } })
  return found.filter((one) => one.Name === name)
}

/** Makes the network unless it is there; returns its id. Content when another process makes it at the same moment. */
export async function ensureNetwork(engine: Engine, clusterId: string, labels: Labels): Promise<string> {
  const name = networkName(clusterId)
  const [present] = await byName(engine, name)
  if (present) return present.Id
  const created = await engine
    .post<{ Id: string }>('/networks/create', { json: { Name: name, Driver: 'bridge', CheckDuplicate: true, Labels: labels } })
    .catch((error: unknown) => {
      if (isStatus(error, 409)) return undefined
      throw error
    })
  // CheckDuplicate is best effort before engine 25: two networks of one name may result. All who look agree on the oldest, whoever made it.
  const all = (await byName(engine, name)).sort((a, b) => (a.Created ?? '').localeCompare(b.Created ?? '') || a.Id.localeCompare(b.Id))
  const [keep] = all
  if (!keep) return ensureNetwork(engine, clusterId, labels)
  if (created && created.Id !== keep.Id) await orAbsent(engine.delete(`/networks/${created.Id}`))
  return keep.Id
}

/** Removes a network by id; guests that are not of the cluster are disconnected, not touched otherwise. */
export async function removeNetwork(engine: Engine, id: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await orAbsent(engine.delete(`/networks/${id}`))
      return
    } catch (error) {
      // "has active endpoints" (403, newer engines 409): our containers are still being taken off, or a foreign one joined.
      if (!isStatus(error, 403, 409, 500) || attempt >= REMOVE_TRIES) throw error
    }
    if (attempt >= 2) {
      const guests = Object.keys((await orAbsent(engine.get<NetworkDetails>(`/networks/${id}`)))?.Containers ?? {})
      await Promise.all(
        guests.map((guest) =>
          engine.post(`/networks/${id}/disconnect`, { json: { Container: guest, Force: true } }).catch(() => undefined),
        ),
      )
    }
    await delay(REMOVE_STEP_MS)
  }
}
