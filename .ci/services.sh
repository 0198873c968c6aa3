# Sourced by run: packages, a container engine and a registry on loopback. What these functions start they write down (pid and start time),
# so that it is found again and never confused with another process; what they did not start they leave alone.

say() { printf '%s  %s\n' "$(date +%T)" "$*" >&2; }
die() { say "error: $*"; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Start time of a process in clock ticks since boot; its command name may hold blanks and brackets.
started_at() { sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | cut -d' ' -f20; }

# Is the process that we started under this name still there?
runs() {
  local pid at
  [ -f "$state/$1.pid" ] && read -r pid at < "$state/$1.pid" && [ "$(started_at "$pid")" = "$at" ]
}

# In a process group of its own, so that Ctrl-C reaches this script and not the daemon; without the lock's descriptor.
start_own() {
  local name=$1
  shift
  setsid "$@" > "$state/$name.log" 2>&1 < /dev/null 9>&- &
  printf '%s %s\n' "$!" "$(started_at $!)" > "$state/$name.pid"
}

stop_own() {
  local pid at
  runs "$1" || return 0
  read -r pid at < "$state/$1.pid"
  as_root kill -TERM "$pid"
  for _ in $(seq 150); do
    runs "$1" || break
    sleep 0.1
  done
  if runs "$1"; then as_root kill -KILL "$pid"; fi
  rm -f "$state/$1.pid"
}

# Answers within the given tenths of a second, or is dead, or late.
await_own() {
  local name=$1 tenths=$2
  shift 2
  for _ in $(seq "$tenths"); do
    if "$@"; then return 0; fi
    runs "$name" || break
    sleep 0.1
  done
  tail -n 30 "$state/$name.log" >&2
  return 1
}

# Installs what is missing. apt repeats downloads that the network broke (three times), nothing else.
ensure_packages() {
  local package missing=() log=$state/apt.log
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2> /dev/null || true)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  local apt=(apt-get -y -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120)
  : > "$log"
  {
    as_root timeout 180 "${apt[@]}" update &&
      as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 timeout 420 "${apt[@]}" install --no-install-recommends "${missing[@]}"
  } >> "$log" 2>&1 9>&- || {
    tail -n 30 "$log" >&2
    die "cannot install ${missing[*]}"
  }
}

engine_answers() { timeout 10 docker version --format '{{.Server.Version}}' > /dev/null 2>&1; }

# Uses the engine that answers, else installs and starts one.
ensure_engine() {
  if engine_answers; then return 0; fi
  # Recommended packages that a bare machine may need: the profile parser where the kernel enforces profiles, the control groups where nobody mounted them.
  ensure_packages docker.io iptables apparmor cgroupfs-mount
  if engine_answers; then return 0; fi
  if ! mountpoint -q /sys/fs/cgroup; then as_root cgroupfs-mount; fi
  [ -z "${DOCKER_HOST-}" ] || say "no engine answers at $DOCKER_HOST; starting one at its default address"
  export DOCKER_HOST=unix:///var/run/docker.sock
  say "starting dockerd (log: $state/dockerd.log)"
  if [ "$(id -u)" = 0 ]; then start_own dockerd dockerd; else start_own dockerd sudo -n dockerd; fi
  started+=(dockerd)
  await_own dockerd 600 engine_answers || die "dockerd does not answer"
}

registry_answers() {
  local status
  status=$(timeout 5 bash -c "exec 3<> /dev/tcp/127.0.0.1/$registry_port && printf 'GET /v2/ HTTP/1.0\r\n\r\n' >&3 && head -n 1 <&3" 2> /dev/null) || return 1
  [[ $status == *' 200 '* ]]
}

free_port() {
  node -e 'const s = require("node:net").createServer().listen(+process.argv[1], "127.0.0.1", () => { console.log(s.address().port); s.close() }); s.on("error", () => process.exit(1))' "$1"
}

# A registry on loopback whose storage outlives it. Sets registry_port: the last one where it is still free, so that references stay the same.
ensure_registry() {
  local last attempt
  last=$(cat "$state/registry.port" 2> /dev/null || echo 0)
  registry_port=$last
  if runs registry && registry_answers; then return 0; fi
  ensure_packages docker-registry
  mkdir -p "$cache/registry"
  for attempt in 1 2 3; do
    registry_port=$(free_port "$last" || free_port 0)
    cat > "$state/registry.yml" <<CONFIG
version: 0.1
log:
  level: warn
storage:
  filesystem:
    rootdirectory: $cache/registry
  delete:
    enabled: true
http:
  addr: 127.0.0.1:$registry_port
CONFIG
    start_own registry docker-registry serve "$state/registry.yml"
    if await_own registry 100 registry_answers; then
      echo "$registry_port" > "$state/registry.port"
      started+=(registry)
      say "registry at 127.0.0.1:$registry_port"
      return 0
    fi
    # Somebody else may have taken the port between the choice and the start.
    stop_own registry
    last=0
  done
  die "no registry after $attempt attempts"
}
