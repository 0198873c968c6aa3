// Deletes consumer groups of every type. A group with members is named, never forced.
import { delay } from '../../../util/async.ts'
import { deleteGroups, describeGroups, type GroupListing, listGroups } from '../wire/api/groups.ts'
import type { KafkaClient } from '../wire/client.ts'
import { ERROR, errorName, isRetriable } from '../wire/errors.ts'

const WITHIN_MS = 10_000
const RETRY_MS = 50

interface Found extends GroupListing {
  /** The broker that listed it coordinates it. */
  readonly coordinator: number
}

async function findGroups(client: KafkaClient): Promise<readonly Found[]> {
  const lists = await Promise.all(
    [...client.brokers.keys()].map(async (coordinator) =>
      (await client.send(coordinator, listGroups, undefined)).map((group) => ({ ...group, coordinator })),
    ),
  )
  return lists.flat()
}

/** Deletes all groups; the names of those that are gone. Those in use are told to `warn` with their members. */
export async function deleteAllGroups(
  client: KafkaClient,
  warn: (message: string) => void,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const deadline = performance.now() + WITHIN_MS
  const gone = new Set<string>()
  const inUse = new Set<string>()
  for (;;) {
    const left = (await findGroups(client)).filter(({ group }) => !inUse.has(group))
    let again: string | undefined
    await Promise.all(
      [...byCoordinator(left)].map(async ([coordinator, groups]) => {
        for (const { group, errorCode } of await client.send(coordinator, deleteGroups, { groups: groups.map((one) => one.group) })) {
          const listing = groups.find((one) => one.group === group)
          if (errorCode === ERROR.none) gone.add(group)
          else if (errorCode === ERROR.nonEmptyGroup) {
            inUse.add(group)
            warn(`group ${group} is in use and was kept: ${listing ? await whoUses(client, listing) : 'it has members'}`)
          } else if (isRetriable(errorCode)) again = `${group}: ${errorName(errorCode)}`
          else if (errorCode !== ERROR.groupIdNotFound) warn(`group ${group} could not be deleted: ${errorName(errorCode)}`)
        }
      }),
    )
    if (again === undefined) return [...gone]
    if (performance.now() > deadline) {
      warn(`group ${again}`)
      return [...gone]
    }
    await delay(RETRY_MS, signal)
  }
}

async function whoUses(client: KafkaClient, { group, type, coordinator }: Found): Promise<string> {
  const [description] = type === 'classic' || type === '' ? await client.send(coordinator, describeGroups, { groups: [group] }) : []
  const members = description?.members.map(({ clientId, clientHost }) => `${clientId} at ${clientHost.replace(/^\//, '')}`) ?? []
  return members.length === 0 ? `a ${type} group with members` : members.join(', ')
}

function byCoordinator(groups: readonly Found[]): ReadonlyMap<number, readonly Found[]> {
  const found = new Map<number, Found[]>()
  for (const group of groups) found.set(group.coordinator, [...(found.get(group.coordinator) ?? []), group])
  return found
}
