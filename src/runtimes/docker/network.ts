// The cluster's own network: made once however many nodes start at the same time, removed with whatever still hangs on it.
import { DevclusterError } from '../../errors.ts'
import { delay } from '../../util/async.ts'
import type { NetworkDetails } from './api.ts'
import { type Engine, EngineError, filters, isStatus, orAbsent } from './engine.ts'
import { type Labels, networkName } from './labels.ts'

const MAKE_TRIES = 3
const REMOVE_TRIES = 40
const REMOVE_STEP_MS = 50
const NETAVARK =
  'install netavark and aardvark-dns, set `network_backend = "netavark"` under [network] in containers.conf, and restart the service of Podman; or use `runtime: process`'

async function byName(engine: Engine, name: string): Promise<NetworkDetails[]> {
  // The filter matches parts of names.
  const found = await engine.get<NetworkDetails[]>('/networks', { query: { filters: filters({ name: [name] }) } })
  return found.filter((one) => one.Name === name)
}

/**
 * Makes the network unless it is there; returns its id. Content when another process makes it at the same moment.
 * @throws RUNTIME_UNAVAILABLE for an engine that takes networks and does not show them.
 */
export async function ensureNetwork(engine: Engine, clusterId: string, labels: Labels): Promise<string> {
  const name = networkName(clusterId)
  const [present] = await byName(engine, name)
  if (present) return present.Id
  let refusal: EngineError | undefined
  for (let attempt = 0; attempt < MAKE_TRIES; attempt++) {
    const created = await engine
      .post<{ Id: string }>('/networks/create', { json: { Name: name, Driver: 'bridge', CheckDuplicate: true, Labels: labels } })
      .catch((error: unknown) => {
        // Made by another process meanwhile: 409 from Docker, 500 from Podman. Whether it was that, the next look tells.
        if (!(error instanceof EngineError)) throw error
        refusal = error
      })
    // CheckDuplicate is best effort before engine 25: two networks of one name may result. All who look agree on the oldest, whoever made it.
    const all = (await byName(engine, name)).sort((a, b) => (a.Created ?? '').localeCompare(b.Created ?? '') || a.Id.localeCompare(b.Id))
    const [keep] = all
    if (!keep) continue
    if (created && created.Id !== keep.Id) await orAbsent(engine.delete(`/networks/${created.Id}`))
    return keep.Id
  }
  // Podman with CNI and without CNI's plugins.
  throw (
    refusal ??
    new DevclusterError('RUNTIME_UNAVAILABLE', 'the container engine makes networks and then does not know them', { hint: NETAVARK })
  )
}

/**
 * Podman's networks answer names only with the right helpers beside it, and say so in its own part of the API alone (libpod, since version 4).
 * @throws RUNTIME_UNAVAILABLE when nodes would not find each other.
 */
export async function demandNames(engine: Engine, clusterId: string): Promise<void> {
  let network: { readonly dns_enabled?: boolean }
  try {
    network = await engine.get(`/v4.0.0/libpod/networks/${networkName(clusterId)}/json`)
  } catch (error) {
    // Another version of that API: what cannot be asked is not judged.
    if (error instanceof EngineError) return
    throw error
  }
  if (network.dns_enabled !== false) return
  throw new DevclusterError('RUNTIME_UNAVAILABLE', 'nodes would not find each other: networks of this Podman have no name service', {
    hint: NETAVARK,
  })
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
