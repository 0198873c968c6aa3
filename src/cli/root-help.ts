// What `devcluster --help` prints, as a constant: loading the table of commands would cost more than printing. root-help.test.ts keeps it true.

export const ROOT_HELP = `usage: devcluster [OPTIONS] COMMAND [ARGUMENTS]

One file, a usable development cluster, in containers or as plain processes.

Describe:
  init [TEMPLATE]            write a commented cluster file
  validate                   check the cluster file: every mistake with its place
  config                     print the file as it is understood: merged, interpolated
  plan [SERVICE...]          what up would do and why
  render DIR                 write every file and command that up would use

Run:
  up [SERVICE...]            start everything, or what changed, and wait until it is usable and seeded
  stop [NODE|SERVICE...]     stop cleanly; nodes and data stay
  down [ID]                  remove nodes and data
  restart [NODE|SERVICE...]  stop cleanly and start again, data kept
  start NODE|SERVICE...      start what was stopped or killed, on the same ports and data
  kill NODE|SERVICE...       end at once, as a crash would
  pause NODE|SERVICE...      freeze; it keeps its connections and says nothing
  resume NODE|SERVICE...     thaw what was paused
  wait [NODE|SERVICE]        wait until it is usable

Look:
  status                     what runs and whether it is usable; exit 6 when it is not
  ps, ls                     every cluster of this machine
  logs [NODE|SERVICE...]     what nodes wrote, interleaved
  exec NODE [--] COMMAND...  run a command at a node: its own tools, or any program
  port NODE [NAME]           addresses of a node from the host
  open SERVICE               open the web page of a service

Use:
  env                        connection settings for applications
  topics                     topics, partitions, records
  produce TOPIC              send lines of stdin as records
  consume TOPIC              print the records of a topic
  seed [SERVICE...]          seed again what is declared
  reset [SERVICE...]         back to the seeded state, without a restart

Machine:
  pull                       fetch ahead everything that up needs
  doctor                     is this machine fit? exit 6 when it is not
  gc                         remove what nobody owns any more
  schema                     print the JSON Schema of the cluster file
  completion bash|zsh|fish   completion for a shell

Options:
  -f, --file FILE       cluster file; further ones are merged over the first (default: the nearest devcluster.yaml upwards) (repeatable)
      --id ID           the cluster with this id, also without its file
      --set PATH=VALUE  override one setting, e.g. services.kafka.brokers=5 (repeatable)
      --profile NAME    activate a profile (repeatable)
      --runtime NAME    docker, process or auto, over what the file says
      --json            machine-readable: one document, or one event per line
      --verbose         more detail, stacks with errors
  -q, --quiet           only errors, and results that are data
      --no-color        no colours (also NO_COLOR)
  -h, --help            show help
  -V, --version         show the version

Examples:
  devcluster init && devcluster up
  devcluster env --format shell
  devcluster down

devcluster COMMAND --help says more about one.
`
