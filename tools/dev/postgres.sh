# shellcheck shell=bash
# Sourced by ./dev: private PostgreSQL clusters. A cluster is a folder with `data`, `socket` and `port` in it.

readonly PG_BIN=/usr/lib/postgresql/15/bin

# prepare_folder FOLDER: makes it, and sets AS_POSTGRES to what runs a command as a user who may be PostgreSQL's, since
# PostgreSQL refuses root: this user, or for root the user `postgres`, who may be unable to get into the checkout (below
# /root, say). Then PostgreSQL gets the one capability that opens folders; and where there are no capabilities to give,
# FOLDER becomes a link to one in /var/lib.
prepare_folder() {
  local folder=$1 elsewhere
  AS_POSTGRES=()
  [[ -d $folder ]] || rm -f "$folder"
  mkdir -p "$folder"
  ((EUID == 0)) || { chmod 700 "$folder" && return; }
  chown postgres: "$folder"
  chmod 700 "$folder"
  local plain=(setpriv --reuid=postgres --regid=postgres --init-groups)
  local opening=("${plain[@]}" --inh-caps=+dac_override --ambient-caps=+dac_override)
  AS_POSTGRES=("${plain[@]}")
  postgres_can_write "$folder" && return
  # Not with a superuser on TCP: everybody on this machine could use the capability through him.
  if [[ -z ${SUPERUSER_OVER_TCP:-} ]]; then
    AS_POSTGRES=("${opening[@]}")
    postgres_can_write "$folder" && return
  fi
  AS_POSTGRES=("${plain[@]}")
  rmdir "$folder" 2>/dev/null || die "the user postgres can no longer get to $folder; ./dev reset removes it"
  elsewhere=$(mktemp -d /var/lib/loyalty-postgres.XXXXXX)
  chown postgres: "$elsewhere"
  ln -s "$elsewhere" "$folder"
}

postgres_can_write() {
  local probe
  probe=$(readlink -f "$1")/writable
  "${AS_POSTGRES[@]}" touch "$probe" 2>/dev/null && rm "$probe"
}

# cluster_data FOLDER: the data folder's real path, which is also how its server is recognized.
cluster_data() { say "$(readlink -f "$1")/data"; }

# cluster_pid FOLDER: of its server, or failure when that does not run.
cluster_pid() {
  local data pid
  data=$(cluster_data "$1")
  [[ -e $data/postmaster.pid ]] || return 1
  pid=$(head -n 1 "$data/postmaster.pid")
  process_is "$pid" "$PG_BIN/postgres" -D "$data" && say "$pid"
}

cluster_is_running() { cluster_pid "$1" >/dev/null; }

# cluster_start FOLDER LOG: makes the cluster if it is new. With SUPERUSER_OVER_TCP set, the superuser may connect by
# TCP, else only the role loyalty; WAL_SIZE: how much write-ahead log it keeps at most.
cluster_start() {
  local folder=$1 log=$2 data pid deadline=$((SECONDS + 120))
  prepare_folder "$folder"
  data=$(cluster_data "$folder")
  rotate "$log"
  [[ -d $data ]] || cluster_init "$data" "$log"
  make_socket_folder "$folder"
  if [[ ! -s $folder/port ]] || port_is_taken "$(<"$folder/port")"; then
    free_port >"$folder/port"
  fi
  write_settings "$folder" "$data"
  forget_stale_locks "$folder" "$data"
  (cd / && exec setsid "${AS_POSTGRES[@]}" "$PG_BIN/postgres" -D "$data") </dev/null >>"$log" 2>&1 9>&- &
  pid=$!
  disown
  until cluster_psql "$folder" -c 'SELECT 1' >/dev/null 2>&1; do
    [[ -e /proc/$pid ]] || die_with_log "PostgreSQL did not start" "$log"
    ((SECONDS < deadline)) || die_with_log "PostgreSQL is not ready after two minutes" "$log"
    sleep 0.1
  done
}

# cluster_init DATA LOG: first under another name, so that one that was cut short is never taken for whole.
cluster_init() {
  local data=$1 log=$2
  rm -rf "$data.new"
  (cd / && "${AS_POSTGRES[@]}" "$PG_BIN/initdb" -D "$data.new" --username=postgres --locale=C.UTF-8 --encoding=UTF8 \
    --auth=trust) </dev/null >>"$log" 2>&1 || die_with_log "initdb failed" "$log"
  mv "$data.new" "$data"
}

# The path of a socket has at most 107 bytes; in a checkout with a long path, `socket` is a link to a short one.
make_socket_folder() {
  local LC_ALL=C folder=$1 path
  path=$(readlink -f "$folder")/socket
  [[ ! -d $path ]] || return 0
  rm -f "$path"
  if ((${#path} + 15 <= 107)); then
    mkdir "$path"
  else
    ln -s "$(mktemp -d /tmp/loyalty.XXXXXX)" "$path"
  fi
  ((EUID != 0)) || chown postgres: "$path"
}

write_settings() {
  local folder=$1 data=$2 socket role=loyalty
  socket=$(readlink -f "$folder/socket")
  cat >"$data/postgresql.conf" <<CONF
# Written by ./dev at every start. fsync, full_page_writes and synchronous_commit stay on.
listen_addresses = '127.0.0.1'
port = $(<"$folder/port")
unix_socket_directories = '"${socket//\'/\'\'}"'
max_connections = 200
shared_buffers = 512MB
min_wal_size = ${LEAST_WAL:-80MB}
max_wal_size = ${WAL_SIZE:-4GB}
wal_compression = lz4
checkpoint_timeout = 15min
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %d '
CONF
  [[ -z ${SUPERUSER_OVER_TCP:-} ]] || role=all
  cat >"$data/pg_hba.conf" <<CONF
# Written by ./dev at every start. The socket is in a folder that only its owner can open.
local all all trust
host $role $role 127.0.0.1/32 trust
CONF
  chmod 644 "$data/postgresql.conf" "$data/pg_hba.conf"
}

# forget_stale_locks FOLDER DATA: after a crash PostgreSQL believes in its lock files as long as any process has that
# pid: a stranger, or a zombie in a container where nobody collects them. So they go, once nothing of ours works in DATA.
forget_stale_locks() {
  local deadline=$((SECONDS + 20))
  while [[ -n $(cd / && "${AS_POSTGRES[@]}" find /proc -maxdepth 2 -name cwd -lname "$2" 2>/dev/null) ]]; do
    ((SECONDS < deadline)) || die "processes of an earlier PostgreSQL are still at work in $2"
    sleep 0.2
  done
  rm -f "$2/postmaster.pid" "$1/socket"/.s.PGSQL.*
}

# cluster_psql FOLDER ARGUMENT...: as superuser, by the socket.
cluster_psql() {
  local folder=$1
  shift
  "$PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 -h "$(readlink -f "$folder/socket")" -p "$(<"$folder/port")" \
    -U postgres -d postgres "$@"
}

# cluster_create_database FOLDER: role and database `loyalty`, if they are not there.
cluster_create_database() {
  cluster_psql "$1" <<'SQL'
SELECT 'CREATE ROLE loyalty LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyalty') \gexec
SELECT 'CREATE DATABASE loyalty OWNER loyalty' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'loyalty') \gexec
SQL
}

# cluster_prepare_log FOLDER SEGMENTS: fills so many segments of the write-ahead log, for later use. A fresh server makes
# each new one while its clients wait; one that has run for a while uses old ones again.
cluster_prepare_log() {
  local i
  {
    for ((i = 0; i < $2; i++)); do
      say "SELECT pg_logical_emit_message(false, 'dev', ''), pg_switch_wal();"
    done
    say 'CHECKPOINT;'
  } | cluster_psql "$1" -o /dev/null
}

cluster_url() { say "postgresql://loyalty@127.0.0.1:$(<"$1/port")/loyalty"; }

# cluster_stop FOLDER: cleanly (SIGINT: PostgreSQL's fast shutdown); nothing when it does not run.
cluster_stop() {
  local pid data
  pid=$(cluster_pid "$1") || return 0
  data=$(cluster_data "$1")
  kill -INT "$pid"
  wait_for_end 60 "$pid" "$PG_BIN/postgres" -D "$data" || warn "PostgreSQL (pid $pid) does not stop"
}

# cluster_remove FOLDER: stops it and removes it and what its links lead to.
cluster_remove() {
  [[ -L $1 || -d $1 ]] || return 0
  cluster_stop "$1"
  rm -rf "$(readlink -m "$1/socket")" "$(readlink -m "$1")" "$1"
}

# Where the tests' cluster goes: in memory where there is room, since it is thrown away.
test_cluster_folder() {
  local free
  free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1) || free=0
  if ((free > 2 * 1024 * 1024)) && [[ -w /dev/shm ]]; then
    mktemp -d /dev/shm/loyalty-test.XXXXXX
  else
    say "$RUN/test-postgres"
  fi
}

# own_cluster FOLDER: notes it as this script's to remove, by whoever comes next if this script gets killed.
own_cluster() {
  mkdir -p "$RUN/own"
  ln -sfn "$1" "$RUN/own/$$"
}

remove_own_cluster() {
  cluster_remove "$(readlink "$RUN/own/$$")"
  rm -f "$RUN/own/$$"
}

# Removes the clusters of test and bench runs that were killed.
remove_abandoned_clusters() {
  local note arguments
  for note in "$RUN"/own/*; do
    arguments=$(tr '\0' ' ' 2>/dev/null <"/proc/${note##*/}/cmdline") || arguments=
    [[ $arguments != *dev\ * ]] || continue
    cluster_remove "$(readlink "$note")"
    rm -f "$note"
  done
}
