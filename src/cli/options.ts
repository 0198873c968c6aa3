// Options that every command has. Plain data.
import type { OptionSpecs } from './command.ts'

export const GLOBAL_OPTIONS: OptionSpecs = {
  file: {
    type: 'string',
    short: 'f',
    multiple: true,
    value: 'FILE',
    help: 'cluster file; further ones are merged over the first (default: the nearest devcluster.yaml upwards)',
  },
  id: { type: 'string', value: 'ID', help: 'the cluster with this id, also without its file' },
  set: { type: 'string', multiple: true, value: 'PATH=VALUE', help: 'override one setting, e.g. services.kafka.brokers=5' },
  profile: { type: 'string', multiple: true, value: 'NAME', help: 'activate a profile' },
  runtime: {
    type: 'string',
    value: 'NAME',
    choices: ['docker', 'process', 'auto'],
    help: 'docker, process or auto, over what the file says',
  },
  json: { type: 'boolean', help: 'machine-readable: one document, or one event per line' },
  verbose: { type: 'boolean', help: 'more detail, stacks with errors' },
  quiet: { type: 'boolean', short: 'q', help: 'only errors, and results that are data' },
  'no-color': { type: 'boolean', help: 'no colours (also NO_COLOR)' },
  help: { type: 'boolean', short: 'h', help: 'show help' },
}

/** Only in front of a command. */
export const ROOT_OPTIONS: OptionSpecs = { ...GLOBAL_OPTIONS, version: { type: 'boolean', short: 'V', help: 'show the version' } }
