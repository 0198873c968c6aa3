// What a live Kafka is asked, over one connection per question, and the answers as verdicts. Shared by the handshake, the probes and `usable`.
// Needs nothing but addresses; it does not loop.
import type { Verdict } from '../../model/probe.ts'
import { offsetFetch } from './wire/api/groups.ts'
import { describeQuorum, findCoordinator, type MetadataInfo, metadata, type QuorumInfo } from './wire/api/metadata.ts'
import { Connection, withConnection } from './wire/connection.ts'
import { WireError } from './wire/errors.ts'

/** A node as the questions see it. */
export interface Member {
  /** Node id: `kafka-2`. */
  readonly node: string
  /** Kafka's own number of it. */
  readonly number: number
  readonly isBroker: boolean
  readonly isVoter: boolean
  /** The client listener as the host reaches it; brokers only. */
  readonly client?: { readonly host: string; readonly port: number }
}

/** A group nobody uses: asking for its coordinator makes Kafka create `__consumer_offsets`. */
const PROBE_GROUP = 'devcluster-probe'
const OFFSETS_TOPIC = '__consumer_offsets'
/** A voter fetches every 500 ms when idle (controller.quorum.fetch.timeout.ms is 2 s): longer silence means that it is not there. */
const VOTER_SILENT_MS = 3000

export function say(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function names(numbers: readonly number[]): string {
  return numbers.length === 0 ? 'none' : numbers.join(', ')
}

/** One broker: answers Metadata and lists every broker of the service at the address it is reached at; `inSync`: and {@link judgeInSync}. */
export async function askBroker(self: Member, members: readonly Member[], signal: AbortSignal, inSync = false): Promise<Verdict> {
  const connection = self.client && Connection.open(self.client, signal)
  try {
    return await askBrokerOver(connection, self, members, signal, inSync)
  } finally {
    void connection?.then(
      (open) => open.close(),
      () => undefined,
    )
  }
}

/** The same over a connection that the caller opens, and closes. */
export async function askBrokerOver(
  connection: Promise<Connection> | undefined,
  self: Member,
  members: readonly Member[],
  signal: AbortSignal,
  inSync = false,
): Promise<Verdict> {
  if (!connection) return { ready: false, why: `${self.node} publishes no client port`, fatal: true }
  try {
    const info = await (await connection).send(metadata, { topics: inSync ? null : [] }, signal)
    const listed = await judgeBrokers(self, members, info.brokers, signal)
    const sync = inSync ? judgeInSync(self, info) : listed
    return listed.ready && !sync.ready ? sync : listed
  } catch (error) {
    return { ready: false, why: `${self.node}: ${say(error)}` }
  }
}

async function judgeBrokers(
  self: Member,
  members: readonly Member[],
  listed: MetadataInfo['brokers'],
  signal: AbortSignal,
): Promise<Verdict> {
  const expected = members.filter((member) => member.isBroker)
  const missing = expected.filter((member) => !listed.some((broker) => broker.id === member.number))
  if (missing.length > 0) {
    const present = listed.map((broker) => broker.id).sort((a, b) => a - b)
    return {
      ready: false,
      why: `${self.node} answers, but lists ${expected.length - missing.length} of ${expected.length} brokers (${names(present)})`,
    }
  }
  // Each broker is asked about itself: what it advertises is what every client will be sent to.
  const own = listed.find((broker) => broker.id === self.number)
  if (own && self.client && (own.host !== self.client.host || own.port !== self.client.port)) {
    const advertised = { host: own.host, port: own.port }
    try {
      await withConnection(advertised, signal, (connection) => connection.send(metadata, { topics: [] }, signal))
    } catch (error) {
      return {
        ready: false,
        why: `${self.node} answers at ${self.client.host}:${self.client.port}, but advertises ${own.host}:${own.port}, which is not reachable from here (${say(error)})`,
      }
    }
  }
  return { ready: true, detail: `lists ${expected.length} of ${expected.length} brokers` }
}

/**
 * A broker that was started again, by its own Metadata of all topics: its replicas are in sync with every leader that there is. Until then the next one
 * to be stopped may take the last replica that has everything with it. Partitions without a leader wait for others, and are not asked for.
 */
export function judgeInSync(self: Member, { brokers, topics }: Pick<MetadataInfo, 'brokers' | 'topics'>): Verdict {
  const lives = (id: number) => brokers.some((broker) => broker.id === id)
  const behind = topics.flatMap(({ name, partitions }) =>
    partitions
      .filter(({ leader, replicas, isr }) => replicas.includes(self.number) && lives(leader) && !isr.includes(self.number))
      .map(({ index }) => `${name}-${index}`),
  )
  if (behind.length === 0) return { ready: true, detail: 'in sync' }
  const more = behind.length > 1 ? ` and ${behind.length - 1} more` : ''
  return { ready: false, why: `${self.node} is not yet in sync with the leader of ${behind[0]}${more}` }
}

/**
 * The answer of the first broker that has one; all are asked at once, because a dead one must not cost the time of a live one. So `use` runs on every
 * broker, and goes on there after the first answer: it may only ask, never change anything.
 */
export async function throughAnyBroker<T>(
  members: readonly Member[],
  signal: AbortSignal,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const brokers = members.filter((member) => member.client !== undefined)
  const attempts = brokers.map(({ client }) =>
    client ? withConnection(client, signal, use) : Promise.reject(new WireError('closed', 'no address')),
  )
  try {
    return await Promise.any(attempts)
  } catch (error) {
    if (!(error instanceof AggregateError)) throw error
    const whys = error.errors.map((reason: unknown, index) => `${brokers[index]?.node}: ${say(reason)}`)
    const code = error.errors.find((reason: unknown): reason is WireError => reason instanceof WireError && reason.kind === 'kafka')
    throw code ?? new WireError('closed', whys.length === 0 ? 'there is no broker' : `no broker answers (${whys.join('; ')})`)
  }
}

/** The KRaft quorum as the brokers see it. */
export function askQuorum(members: readonly Member[], signal: AbortSignal): Promise<QuorumInfo> {
  return throughAnyBroker(members, signal, (connection) => connection.send(describeQuorum, undefined, signal))
}

/**
 * One controller: a voter of a quorum that has a leader, and it follows that leader.
 * `startedAtMs`: when its process was started just now, epoch ms; what it fetched before says nothing.
 */
export function judgeVoter(self: Member, quorum: QuorumInfo, startedAtMs?: number): Verdict {
  if (quorum.leader < 0) return { ready: false, why: `${self.node}: the quorum has no leader` }
  const voter = quorum.voters.find((replica) => replica.id === self.number)
  if (!voter) return { ready: false, why: `${self.node} is not among the voters (${names(quorum.voters.map((v) => v.id))})` }
  if (voter.id === quorum.leader) return { ready: true, detail: `leads the quorum (epoch ${quorum.epoch})` }
  const now = quorum.voters.find((replica) => replica.id === quorum.leader)?.lastFetch ?? voter.lastFetch
  if (voter.lastFetch < 0) return { ready: false, why: `${self.node} has not yet fetched from the leader ${quorum.leader}` }
  // Ages are compared, not times: the leader's clock may be another machine's.
  if (startedAtMs !== undefined && now - voter.lastFetch > Date.now() - startedAtMs) {
    return { ready: false, why: `${self.node} has not fetched from the leader ${quorum.leader} since its start` }
  }
  if (now - voter.lastFetch > VOTER_SILENT_MS) {
    return {
      ready: false,
      why: `${self.node} has not fetched from the leader ${quorum.leader} for ${Math.round((now - voter.lastFetch) / 100) / 10} s`,
    }
  }
  return { ready: true, detail: `follows ${quorum.leader}` }
}

/** One controller, asked through any live broker (its own listener is not published). */
export async function askController(self: Member, members: readonly Member[], signal: AbortSignal, startedAtMs?: number): Promise<Verdict> {
  try {
    return judgeVoter(self, await askQuorum(members, signal), startedAtMs)
  } catch (error) {
    return { ready: false, why: `${self.node} cannot be judged: ${say(error)}` }
  }
}

/** ZooKeeper mode: the controller is a live broker. */
export async function askZkController(members: readonly Member[], signal: AbortSignal): Promise<Verdict> {
  const { brokers, controllerId } = await throughAnyBroker(members, signal, (connection) =>
    connection.send(metadata, { topics: [] }, signal),
  )
  if (brokers.some((broker) => broker.id === controllerId)) return { ready: true, detail: `controller ${controllerId}` }
  return {
    ready: false,
    why:
      controllerId < 0
        ? 'no broker is controller yet'
        : `the controller ${controllerId} is not among the live brokers (${names(brokers.map((b) => b.id))})`,
  }
}

/** The group coordinator is found, its topic has leaders, and it answers for a group. */
export async function askCoordinator(members: readonly Member[], signal: AbortSignal): Promise<Verdict> {
  const coordinator = await throughAnyBroker(members, signal, async (connection) => {
    const found = await connection.send(findCoordinator, { group: PROBE_GROUP }, signal)
    const { topics } = await connection.send(metadata, { topics: [OFFSETS_TOPIC] }, signal)
    return { ...found, partitions: topics[0]?.partitions ?? [] }
  })
  const leaderless = coordinator.partitions.filter((partition) => partition.leader < 0).map((partition) => partition.index)
  if (coordinator.partitions.length === 0) return { ready: false, why: `${OFFSETS_TOPIC} does not exist yet` }
  if (leaderless.length > 0) return { ready: false, why: `${OFFSETS_TOPIC} has no leader for partition ${names(leaderless)}` }
  const member = members.find((candidate) => candidate.isBroker && candidate.number === coordinator.id)
  if (!member?.client) return { ready: false, why: `the group coordinator is broker ${coordinator.id}, which is not part of this service` }
  // Answers COORDINATOR_LOAD_IN_PROGRESS until it has read its partition.
  try {
    await withConnection(member.client, signal, (connection) => connection.send(offsetFetch, { group: PROBE_GROUP }, signal))
  } catch (error) {
    return { ready: false, why: `the group coordinator ${member.node} does not serve yet: ${say(error)}` }
  }
  return { ready: true, detail: `coordinator ${member.node}` }
}
