// One up: lock, prepare, apply, record; or undo and report. The only writer of a cluster's state file.
import { apply, type StepTiming } from '../engine/apply.ts'
import { createEmitter, type Emit } from '../engine/emit.ts'
import { endpointsOf, environmentOf } from '../engine/environment.ts'
import { watchExits } from '../engine/exits.ts'
import { lockFile } from '../engine/look.ts'
import { draftReport, writeReport } from '../engine/report.ts'
import { ensureStateDir, forgetState, SeedMemories, type StoredCluster, writeStored } from '../engine/state.ts'
import { runStep, serviceContext } from '../engine/step.ts'
import { snapshot, undo } from '../engine/teardown.ts'
import { DevclusterError, isDevclusterError, messageOf } from '../errors.ts'
import { changesSomething } from '../plan/format.ts'
import { type Lock, waitForLock } from '../util/lock.ts'
import { writingState } from '../util/unwritable.ts'
import { VERSION } from '../version.ts'
import type { ClusterSource, StartOptions } from './options.ts'
import { type Prepared, prepare } from './prepare.ts'

export interface UpResult {
  readonly prepared: Prepared
  readonly stored: StoredCluster
  readonly timings: readonly StepTiming[]
  /** False: everything was as wanted already. */
  readonly changed: boolean
  readonly ms: number
}

const LOCK_WITHIN_MS = 300_000
/** A port can be taken by someone else between reservation and start: place anew so many times. */
const PORT_RACES = 1

/** @throws CLUSTER_LOCKED naming pid and command of the holder */
export async function lockCluster(id: string, withinMs: number, emit: Emit, signal?: AbortSignal): Promise<Lock> {
  const path = lockFile(id)
  const attempt = await writingState(path, () =>
    waitForLock(path, {
      withinMs,
      ...(signal ? { signal } : {}),
      onWait: (holder) => emit({ type: 'warning', message: `waiting for another devcluster (pid ${holder.pid}: ${holder.command})` }),
    }),
  )
  if ('lock' in attempt) return attempt.lock
  throw new DevclusterError(
    'CLUSTER_LOCKED',
    `${id} is being changed by another devcluster: pid ${attempt.holder.pid} (${attempt.holder.command})`,
    {
      hint: 'wait for it, raise --timeout, or end that process',
      data: { holder: attempt.holder },
    },
  )
}

export async function up(source: ClusterSource, options: StartOptions): Promise<UpResult> {
  const began = performance.now()
  const signal = options.signal ?? new AbortController().signal
  const ephemeral = !options.persistent
  const planOptions = { ...options, ephemeral, forReal: true }
  // Loading twice would be waste: the id is known only after loading, so the first prepare is made without the lock and made
  // again only when someone else held it.
  let prepared = await prepare(source, planOptions)
  const emit = createEmitter(prepared.spec.id, options.onEvent)
  let waited = false
  let lock: Lock | undefined
  try {
    lock = await lockCluster(
      prepared.spec.id,
      options.lockTimeoutMs ?? LOCK_WITHIN_MS,
      (body) => {
        waited = true
        emit(body)
      },
      signal,
    )
    // An id stays the same from one load to the next, also a random one.
    const again = async () => {
      await prepared.release()
      prepared = await prepare(source, { ...planOptions, id: prepared.spec.id })
    }
    if (waited) await again()
    for (const warning of prepared.warnings) emit({ type: 'warning', message: warning })
    for (let race = 0; ; race++) {
      try {
        return await applyPrepared(prepared, options, emit, signal, began)
      } catch (error) {
        if (race >= PORT_RACES || !lostPortRace(error, prepared)) throw error
        emit({ type: 'warning', message: `${messageOf(error)}: trying once more with other ports` })
        await again()
      }
    }
  } finally {
    await prepared.release()
    await lock?.release()
  }
}

/** A port that we chose ourselves was taken before the node could bind it. */
function lostPortRace(error: unknown, prepared: Prepared): boolean {
  if (!isDevclusterError(error) || !error.node) return false
  const cause = error.data['cause']
  const isPort = error.code === 'PORT_TAKEN' || (typeof cause === 'object' && cause !== null && 'id' in cause && cause.id === 'PORT_TAKEN')
  const node = prepared.nodes.find((candidate) => candidate.id === error.node)
  const wasFree = node !== undefined && !(node.id in prepared.observed.nodes)
  return isPort && wasFree && Object.values(node.shape.ports).every((port) => port.wanted === undefined)
}

async function applyPrepared(prepared: Prepared, options: StartOptions, emit: Emit, signal: AbortSignal, began: number): Promise<UpResult> {
  const { spec, runtime, ref, nodes, plan, definitions } = prepared
  const changed = changesSomething(plan)
  emit({
    type: 'plan',
    state: changed ? 'changes' : 'unchanged',
    message: `${prepared.info.description} (${prepared.runtimeBecause})`,
    data: {
      runtime: runtime.name,
      steps: plan.steps.map(({ id, because, changes }) => ({ id, because, changes })),
      nodes: nodes.map(({ id, service, role }) => ({ id, service, role })),
    },
  })
  await ensureStateDir(spec.id)
  const stored = storedOf(prepared)
  if (changed) await writeStored({ ...stored, ready: false })
  const memories = await SeedMemories.open(spec.id)
  for (const step of plan.steps) {
    // Data that goes takes the memory of what was seeded into it along.
    if (step.op.do === 'remove' && !step.op.keepData) {
      const { node } = step.op
      const service = nodes.find((candidate) => candidate.id === node)?.service
      if (service) await memories.forget(service)
    }
  }
  const before = snapshot(prepared.observed)
  const exits = watchExits(runtime, ref)
  const context = {
    runtime,
    ref,
    spec,
    nodes,
    definitions,
    exits,
    emit,
    pull: { always: options.pull === 'always' },
    fresh: options.freshSeeds ?? false,
    memoryOf: (service: string) => memories.of(service),
    startedAt: new Map<string, number>(),
    ...(options.readyWithinMs === undefined ? {} : { readyWithinMs: options.readyWithinMs }),
  }
  try {
    const timings = await apply(plan, (step, stepSignal) => runStep(context, step, stepSignal), emit, signal)
    const complete = !options.only || options.only.length === 0
    const finished: StoredCluster = { ...stored, ready: complete, seeded: { ...prepared.stored?.seeded, ...seededNow(prepared) } }
    await writeStored(finished)
    if (changed) for (const notice of (await runtime.notices?.(ref)) ?? []) emit({ type: 'warning', ...notice })
    if (changed && (options.warm ?? options.persistent ?? false)) await runtime.warm?.(ref, nodes).catch(() => undefined)
    return { prepared, stored: finished, timings, changed, ms: Math.round(performance.now() - began) }
  } catch (error) {
    throw await fail(error, prepared, options, before, emit)
  } finally {
    exits.close()
  }
}

function seededNow(prepared: Prepared): Record<string, string> {
  const names = prepared.plan.steps.flatMap((step) => (step.op.do === 'seed' ? [step.op.service] : []))
  return Object.fromEntries(names.map((name) => [name, prepared.seedKeys[name] ?? '']))
}

function storedOf(prepared: Prepared): StoredCluster {
  const { spec, nodes, runtime, inputs, stored, ref, definitions } = prepared
  const env = environmentOf(spec, endpointsOf(spec, nodes, definitions))
  return {
    v: 1,
    id: spec.id,
    name: spec.name,
    writtenBy: VERSION,
    runtime: runtime.name,
    spec,
    nodes,
    inputs,
    seeded: stored?.seeded ?? {},
    env: { host: env.host, container: env.container },
    spring: env.spring,
    about: aboutOf(prepared),
    secrets: env.secrets,
    ...(ref.owner ? { owner: ref.owner } : {}),
    createdAt: stored?.createdAt ?? Date.now(),
    ready: stored?.ready ?? false,
  }
}

function aboutOf({ spec, nodes, definitions }: Prepared): NonNullable<StoredCluster['about']> {
  return Object.fromEntries(
    spec.services.map((service) => {
      const definition = definitions.get(service.kind)
      const tryIt = definition?.tryIt?.(serviceContext(spec, nodes, service.name))
      return [service.name, { description: definition?.describe?.(service) ?? service.kind, ...(tryIt === undefined ? {} : { tryIt }) }]
    }),
  )
}

/** Undoes what this up created, writes the report, and returns the error to throw. */
async function fail(
  thrown: unknown,
  prepared: Prepared,
  options: StartOptions,
  before: ReturnType<typeof snapshot>,
  emit: Emit,
): Promise<DevclusterError> {
  const error = isDevclusterError(thrown) ? thrown : new DevclusterError('INTERNAL', messageOf(thrown), { cause: thrown })
  const { runtime, ref, nodes } = prepared
  const aborted = error.code === 'ABORTED'
  const draft = aborted ? undefined : await draftReport(runtime, ref, nodes)
  let removed: readonly string[] = []
  if (!options.keepOnFailure) {
    // Nothing was here before: nothing to remember either, beside the report.
    const remember = before.nodes.size > 0 || before.data.size > 0
    try {
      removed = (await undo(runtime, ref, nodes, before, emit)).removed
      if (!remember) await forgetState(ref.id)
    } catch (undoError) {
      emit({ type: 'warning', message: `not everything could be removed (${messageOf(undoError)}); devcluster down ${ref.id} tries again` })
    }
    if (remember) await writeStored({ ...storedOf(prepared), ...prepared.stored, ready: false }).catch(() => undefined)
  }
  if (!draft) return error
  const secrets = environmentOf(prepared.spec, endpointsOf(prepared.spec, nodes, prepared.definitions))
  const report = await writeReport({
    ref,
    runtime: runtime.name,
    dir: prepared.spec.dir,
    error,
    plan: prepared.plan,
    nodes,
    draft,
    secrets: secrets.secrets.map((name) => secrets.host[name] ?? ''),
  })
  return new DevclusterError(error.code, error.message, {
    node: error.node,
    hint: error.hint,
    cause: error.cause,
    data: { ...error.data, removed, ...(report ? { report } : {}) },
  })
}
