# shellcheck shell=bash
# Sourced by ./dev: the four services, and the payment provider's sandbox, as background processes.

readonly SERVICES=(points referral membership surveys)  # points first: it owns the schema that all share
readonly PROGRAMS=("${SERVICES[@]}" sandbox)            # the sandbox has neither a database nor metrics
readonly -A DEFAULT_PORTS=([points]=50051 [referral]=50052 [membership]=50053 [surveys]=50054 [sandbox]=50055)
readonly -A DEFAULT_METRICS_PORTS=([points]=9464 [referral]=9465 [membership]=9466 [surveys]=9467)

# port_variable SERVICE KIND: LOYALTY_POINTS_PORT or, with the kind METRICS_, LOYALTY_POINTS_METRICS_PORT.
port_variable() { say "LOYALTY_${1^^}_${2:-}PORT"; }

# wanted_port SERVICE, wanted_metrics_port SERVICE: as the environment says, or the default.
wanted_port() {
  local variable
  variable=$(port_variable "$1")
  say "${!variable:-${DEFAULT_PORTS[$1]}}"
}

wanted_metrics_port() {
  local variable
  variable=$(port_variable "$1" METRICS_)
  say "${!variable:-${DEFAULT_METRICS_PORTS[$1]}}"
}

require_free_ports() {
  local name
  for name in "${PROGRAMS[@]}"; do
    service_pid "$name" >/dev/null && continue
    require_free_port "$(wanted_port "$name")" "$(port_variable "$name")" "$name"
    [[ $name != sandbox ]] || continue
    require_free_port "$(wanted_metrics_port "$name")" "$(port_variable "$name" METRICS_)" "the metrics of $name"
  done
}

# require_free_port PORT VARIABLE WHOSE
require_free_port() {
  [[ $1 =~ ^[1-9][0-9]{0,4}$ && $1 -lt 65536 ]] || die "$2=$1 is not a port number"
  ! port_is_taken "$1" || die "port $1 for $3 is taken; choose another with $2=PORT ./dev up"
}

# service_program NAME: `bench` is the points service that ./dev bench measures.
service_program() {
  case $1 in
    bench) say "$BIN/loyalty-points" ;;
    sandbox) say "$BIN/loyalty-payment-sandbox" ;;
    *) say "$BIN/loyalty-$1" ;;
  esac
}

# service_pid NAME: or failure when it does not run.
service_pid() {
  local file=$RUN/pids/$1.pid pid
  [[ -s $file ]] || return 1
  pid=$(<"$file")
  process_is "$pid" "$(service_program "$1")" && say "$pid"
}

running_services() {
  local name
  for name in "${PROGRAMS[@]}"; do
    service_pid "$name" >/dev/null && say "$name"
  done
  return 0
}

suite_is_complete() { cluster_is_running "$RUN/postgres" && [[ $(running_services | wc -l) == "${#PROGRAMS[@]}" ]]; }

# service_flag NAME FLAG: what the running service was started with; nothing when it does not run.
service_flag() {
  local pid
  pid=$(service_pid "$1") || return 0
  tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | sed -n "s/^--$2=//p"
}

service_address() { service_flag "$1" listen_address; }

# address_to_be NAME: where it runs, or will when it is started.
address_to_be() {
  local address
  address=$(service_address "$1")
  say "${address:-127.0.0.1:$(wanted_port "$1")}"
}

# flags_to_others NAME: by which it knows the other programs.
flags_to_others() {
  local name
  local -a addresses=()
  case $1 in
    points)
      for name in "${SERVICES[@]}"; do
        addresses+=("$(address_to_be "$name")")
      done
      say "--due_addresses=$(join , "${addresses[@]}")"
      ;;
    referral | membership | surveys) say "--points_address=$(address_to_be points)" ;;
  esac
  [[ $1 != membership ]] || say "--payment_provider_address=$(address_to_be sandbox)"
}

rotate() { [[ ! -e $1 ]] || mv -f "$1" "$1.before"; }

# migrate SERVICE DATABASE_URL LOG
migrate() {
  "$BIN/loyalty-$1" migrate --database_url="$2" </dev/null >"$3" 2>&1 || die_with_log "the migration of $1 failed" "$3"
}

# start_service NAME DATABASE_URL
start_service() {
  local -a flags=(--listen_address="127.0.0.1:$(wanted_port "$1")")
  if [[ $1 != sandbox ]]; then
    flags+=(--metrics_address="127.0.0.1:$(wanted_metrics_port "$1")" --database_url="$2")
    mapfile -t -O "${#flags[@]}" flags < <(flags_to_others "$1")
  fi
  launch "$1" "${flags[@]}"
}

# launch NAME FLAG...: in a session of its own, so that Ctrl-C does not reach it; log and pid file have its name.
launch() {
  local name=$1 log=$RUN/log/$1.log program
  shift
  program=$(service_program "$name")
  rotate "$log"
  "${LAUNCHER:-setsid}" "$program" "$@" </dev/null >"$log" 2>&1 9>&- &
  echo $! >"$RUN/pids/$name.pid"
  disown  # or bash would report its end
}

is_serving() { "$BIN/loyalty" health --address "$1" >/dev/null 2>&1; }

# wait_until_serving NAME ADDRESS LOG
wait_until_serving() {
  local deadline=$((SECONDS + 90)) pid waits=false
  pid=$(<"$RUN/pids/$1.pid")
  until is_serving "$2"; do
    if [[ ! -d /proc/$pid ]]; then
      port_lingers "$2" "$3" || die_with_log "$1 did not start" "$3"
      $waits || say "$1 waits for its port, which a connection that has ended holds for a minute"
      waits=true
      sleep 2
      start_service "$1" "$(cluster_url "$RUN/postgres")"
      pid=$(<"$RUN/pids/$1.pid")
    fi
    ((SECONDS < deadline)) || die_with_log "$1 is not serving after a minute and a half" "$3"
    sleep 0.1
  done
}

# port_lingers ADDRESS LOG: the program ended because of its port, though nobody listens there. The kernel gives these
# ports to outgoing connections too, and keeps them for a minute after; tests make many.
port_lingers() { grep -q 'is the port taken' "$2" && ! port_is_taken "${1##*:}"; }

# stop_services NAME...: SIGTERM to all, which makes them drain; only one that does not end within 40 s is killed.
stop_services() {
  local name pid
  for name in "$@"; do
    ! pid=$(service_pid "$name") || kill -TERM "$pid" 2>/dev/null || true
  done
  for name in "$@"; do
    pid=$(service_pid "$name") || continue
    wait_for_end 40 "$pid" "$(service_program "$name")" && continue
    warn "$name (pid $pid) did not end within 40 seconds and is killed"
    kill -KILL "$pid" 2>/dev/null || true
  done
  for name in "$@"; do
    rm -f "$RUN/pids/$name.pid"
  done
}

# Addresses for scripts to source.
write_env() {
  local name
  {
    echo "# Written by ./dev up."
    for name in "${PROGRAMS[@]}"; do
      echo "LOYALTY_${name^^}_ADDRESS=$(service_address "$name")"
    done
    echo "LOYALTY_DATABASE_URL=$(cluster_url "$RUN/postgres")"
    echo "export$(printf ' LOYALTY_%s_ADDRESS' "${PROGRAMS[@]^^}") LOYALTY_DATABASE_URL"
  } >"$RUN/env.new"
  mv "$RUN/env.new" "$RUN/env"
}

print_addresses() {
  local name points service=loyalty.points.v1.PointsService member='"program_id": "story-1", "member_id": "ada"'
  points=$(service_address points)
  say
  for name in "${SERVICES[@]}"; do
    printf '%-11s gRPC %s   metrics http://%s/metrics\n' "$name" "$(service_address "$name")" "$(service_flag "$name" metrics_address)"
  done
  cat <<TEXT
sandbox     gRPC $(service_address sandbox)   a payment provider that moves no money
database    $(cluster_url "$RUN/postgres")

Try:
  grpcurl -plaintext $points list
  grpcurl -plaintext -d '{$member}' $points $service/GetBalance
  grpcurl -plaintext -d '{$member, "page_size": 5}' $points $service/ListEntries
or, with buf from npm (npm install) in place of grpcurl:
  npx buf curl --protocol grpc --http2-prior-knowledge -d '{$member}' \\
    http://$points/$service/GetBalance
or ./dev loyalty story (once more), ./dev loyalty --help, ./dev status, ./dev logs points. Addresses for scripts: . .run/env

TEXT
}
