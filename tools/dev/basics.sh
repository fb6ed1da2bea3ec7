# shellcheck shell=bash
# Sourced by ./dev: messages, locks, clean-up, processes and ports.

say() { printf '%s\n' "$*"; }
warn() { printf 'dev: %s\n' "$*" >&2; }

die() {
  warn "$@"
  exit 1
}

# warn_with_log MESSAGE LOG: the message, then the last lines of the log.
warn_with_log() {
  warn "$1; the last lines of ${2#"$ROOT"/}:"
  tail -n 15 "$2" >&2 || true
}

die_with_log() {
  warn_with_log "$@"
  exit 1
}

# join SEPARATOR WORD...
join() {
  local IFS=$1
  shift
  printf '%s' "$*"
}

# on_exit FUNCTION: calls it when the script ends, however that happens; its exit code stays what it was.
on_exit() {
  EXIT_FUNCTION=$1
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

clean_up() {
  set +e
  trap '' INT TERM HUP
  "$EXIT_FUNCTION"
}

make_run_folder() {
  mkdir -p "$RUN/log" "$RUN/pids" 2>/dev/null || true
  [[ -O $RUN ]] || die "$RUN belongs to $(stat -c %U "$RUN" 2>/dev/null || echo nobody): use ./dev as that user, or remove it"
}

# hold_lock NAME: until the script ends or calls release_lock. What is started to stay must not inherit it (9>&-).
hold_lock() {
  exec 9>"$RUN/$1.lock"
  flock --nonblock 9 || die "another ./dev is at work here (it holds .run/$1.lock): wait for it, or end it with Ctrl-C"
}

release_lock() { exec 9>&-; }

# process_is PID ARGUMENT...: whether this process runs and was started with these first arguments. A pid that was
# noted down before the machine restarted may be a stranger's today.
process_is() {
  local -a arguments=()
  { mapfile -d '' -t arguments <"/proc/$1/cmdline"; } 2>/dev/null || return 1
  shift
  [[ ${#arguments[@]} -ge $# && "${arguments[*]:0:$#}" == "$*" ]]
}

# wait_for_end SECONDS PID ARGUMENT...: fails when the process still runs after that time.
wait_for_end() {
  local deadline=$((SECONDS + $1))
  shift
  while process_is "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A free port outside the range that the kernel gives to outgoing connections.
free_port() {
  local port
  for port in $(shuf -i 20000-29999 -n 100); do
    port_is_taken "$port" || { say "$port" && return; }
  done
  die "no free port between 20000 and 29999"
}
