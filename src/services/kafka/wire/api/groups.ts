// ListGroups, DescribeGroups (classic), OffsetFetch, DeleteGroups. Sent to a group's coordinator; ListGroups to every broker.
import type { Api } from '../api.ts'
import { throwOn } from '../errors.ts'

export interface GroupListing {
  readonly group: string
  readonly protocolType: string
  /** `Stable`, `Empty`, ... */
  readonly state: string
  /** `classic`, `consumer` (KIP-848), `share` (KIP-932). */
  readonly type: string
}

/** Groups this broker coordinates, of all types. */
export const listGroups: Api<void, readonly GroupListing[]> = {
  name: 'ListGroups',
  key: 16,
  version: 5,
  write: (w) => w.array([], () => undefined).array([], () => undefined),
  read: (r) => {
    r.int32()
    throwOn('ListGroups', r.int16())
    return r.array(() => {
      const listing = { group: r.string(), protocolType: r.string(), state: r.string(), type: r.string() }
      r.tags()
      return listing
    })
  },
}

export interface GroupMember {
  readonly memberId: string
  readonly clientId: string
  readonly clientHost: string
}

export interface GroupDescription {
  readonly errorCode: number
  readonly group: string
  /** A group of another type looks `Dead` here. */
  readonly state: string
  readonly members: readonly GroupMember[]
}

/** Classic groups only. */
export const describeGroups: Api<{ readonly groups: readonly string[] }, readonly GroupDescription[]> = {
  name: 'DescribeGroups',
  key: 15,
  version: 5,
  write: (w, { groups }) => w.array(groups, (group) => w.string(group)).bool(false),
  read: (r) => {
    r.int32()
    return r.array(() => {
      const errorCode = r.int16()
      const group = r.string()
      const state = r.string()
      r.string()
      r.string()
      const members = r.array(() => {
        const memberId = r.string()
        r.nullableString()
        const member = { memberId, clientId: r.string(), clientHost: r.string() }
        r.nullableBytes()
        r.nullableBytes()
        r.tags()
        return member
      })
      r.int32()
      r.tags()
      return { errorCode, group, state, members }
    })
  },
}

export interface CommittedOffset {
  readonly topic: string
  readonly partition: number
  /** -1: nothing committed. */
  readonly offset: number
  readonly errorCode: number
}

/** All committed offsets of one group (KIP-709). */
export const offsetFetch: Api<{ readonly group: string }, readonly CommittedOffset[]> = {
  name: 'OffsetFetch',
  key: 9,
  version: 8,
  write: (w, { group }) => {
    w.array([group], (name) =>
      w
        .string(name)
        .nullableArray(null, () => undefined)
        .tags(),
    )
    w.bool(false)
  },
  read: (r) => {
    r.int32()
    const groups = r.array(() => {
      r.string()
      const topics = r.array(() => {
        const topic = r.string()
        const partitions = r.array(() => {
          const partition = r.int32()
          const offset = r.int64()
          r.int32()
          r.nullableString()
          const committed = { topic, partition, offset, errorCode: r.int16() }
          r.tags()
          return committed
        })
        r.tags()
        return partitions
      })
      throwOn('OffsetFetch', r.int16())
      r.tags()
      return topics.flat()
    })
    return groups.flat()
  },
}

/** KIP-229. A group with members answers NON_EMPTY_GROUP. */
export const deleteGroups: Api<{ readonly groups: readonly string[] }, readonly { readonly group: string; readonly errorCode: number }[]> =
  {
    name: 'DeleteGroups',
    key: 42,
    version: 2,
    write: (w, { groups }) => w.array(groups, (group) => w.string(group)),
    read: (r) => {
      r.int32()
      return r.array(() => {
        const result = { group: r.string(), errorCode: r.int16() }
        r.tags()
        return result
      })
    },
  }
