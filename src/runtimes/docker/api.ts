// The parts of Docker Engine API answers that this runtime reads. Types only; fields the engine may leave out are optional.

export interface ContainerSummary {
  readonly Id: string
  readonly Names: readonly string[]
  readonly Image: string
  /** created, running, paused, restarting, removing, exited, dead. */
  readonly State: string
  readonly Labels?: Readonly<Record<string, string>> | null
  readonly Ports?: readonly { readonly IP?: string; readonly PublicPort?: number }[] | null
}

export interface ContainerDetails {
  readonly Id: string
  readonly State: {
    readonly Status: string
    readonly Running: boolean
    readonly Paused: boolean
    readonly ExitCode: number
    readonly OOMKilled: boolean
    /** RFC 3339; year 1 while it runs or never ran. */
    readonly FinishedAt: string
    readonly StartedAt: string
  }
  readonly Config: { readonly Labels?: Readonly<Record<string, string>> | null; readonly User?: string }
  /** Bytes; 0 without a limit. */
  readonly HostConfig?: { readonly Memory?: number }
}

export interface ImageDetails {
  readonly Id: string
  readonly RepoDigests?: readonly string[] | null
  readonly Os?: string
  readonly Architecture?: string
  readonly Config?: { readonly User?: string; readonly Labels?: Readonly<Record<string, string>> | null } | null
}

export interface NetworkDetails {
  readonly Id: string
  readonly Name: string
  readonly Created?: string
  readonly Labels?: Readonly<Record<string, string>> | null
  readonly Containers?: Readonly<Record<string, unknown>> | null
  readonly IPAM?: { readonly Config?: readonly { readonly Gateway?: string }[] | null } | null
}

export interface VolumeDetails {
  readonly Name: string
  readonly Labels?: Readonly<Record<string, string>> | null
}

export interface EngineVersion {
  readonly Version: string
  readonly ApiVersion: string
  readonly Os: string
  readonly Arch: string
  readonly Platform?: { readonly Name?: string }
}

export interface ContainerStats {
  readonly cpu_stats: { readonly cpu_usage?: { readonly total_usage?: number } }
  readonly memory_stats: { readonly usage?: number; readonly stats?: Readonly<Record<string, number>> }
}

export interface EngineEvent {
  readonly Action?: string
  readonly status?: string
  readonly timeNano?: number
  readonly time?: number
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> }
}

export interface PullMessage {
  readonly status?: string
  readonly id?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly error?: string
  readonly errorDetail?: { readonly message?: string }
}
