# shellcheck shell=bash
# Sourced by ./dev: installing with apt and npm.

# packages_of SECTION...: from tools/packages.txt.
packages_of() {
  awk -v wanted=" $* " '
    /^\[/ { section = substr($1, 2, length($1) - 2); next }
    NF && !/^#/ && index(wanted, " " section " ") { print $1 }' tools/packages.txt | sort -u
}

# installed PACKAGE...: those of them that are.
installed() {
  # shellcheck disable=SC2016 # the format is dpkg-query's
  dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | awk '$1 == "installed" { print $2 }' | sort -u || true
}

# install_packages SECTION...: what is missing of these sections; costs nothing when all is there.
install_packages() {
  local -a wanted missing
  [[ -x /usr/bin/apt-get && -x /usr/bin/dpkg-query ]] ||
    die "this is not Debian: ./dev installs with apt, and is made for Debian 12"
  mapfile -t wanted < <(packages_of "$@")
  mapfile -t missing < <(comm -23 <(printf '%s\n' "${wanted[@]}") <(installed "${wanted[@]}"))
  ((${#missing[@]})) || return 0
  become_root "${missing[@]}"
  say "installing with apt: ${missing[*]}"
  : >"$RUN/log/apt.log"
  apt_get update
  without_system_cluster apt_get install --no-install-recommends "${missing[@]}"
  # Debian's Prometheus would go on running by itself; the tests start their own.
  [[ ! -d /run/systemd/system || " ${missing[*]} " != *" prometheus "* ]] ||
    "${AS_ROOT[@]}" systemctl disable --now --quiet prometheus || true
}

# Sets AS_ROOT to what makes a command run as root.
become_root() {
  AS_ROOT=()
  ((EUID != 0)) || return 0
  local advice="as root: apt-get install --no-install-recommends $*"
  command -v sudo >/dev/null || die "packages are missing, and this is neither root nor is there sudo; $advice"
  AS_ROOT=(sudo)
  [[ -t 0 ]] || AS_ROOT+=(-n)
  "${AS_ROOT[@]}" true || die "packages are missing, and sudo does not let this user install them; $advice"
}

# apt_get ARGUMENT...: quiet, with its progress on a terminal; everything goes to .run/log/apt.log.
apt_get() {
  local log=$RUN/log/apt.log
  # Its status lines go to the pipe and the rest to the log; 3 is opened inside, since sudo closes it.
  "${AS_ROOT[@]}" env DEBIAN_FRONTEND=noninteractive sh -c 'exec apt-get -y -q "$@" 3>&1 >&2' sh \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o APT::Status-Fd=3 "$@" </dev/null 2>>"$log" | show_apt_progress ||
    die_with_log "apt-get $1 failed" "$log"
}

show_apt_progress() {
  local kind percent text
  while IFS=: read -r kind _ percent text; do
    [[ -t 1 && $kind == @(dlstatus|pmstatus) ]] && printf '\r\e[K%3d%%  %.90s' "${percent%%.*}" "$text"
  done
  [[ ! -t 1 ]] || printf '\r\e[K'
}

# without_system_cluster COMMAND...: Debian's PostgreSQL package would start a server of its own; we have ours.
without_system_cluster() {
  local folder=/etc/postgresql-common/createcluster.d result=0
  if [[ -n $(installed postgresql-common) ]]; then
    "$@"
    return
  fi
  "${AS_ROOT[@]}" mkdir -p "$folder"
  echo "create_main_cluster = false" | "${AS_ROOT[@]}" tee "$folder/loyalty.conf" >/dev/null
  ("$@") || result=$?
  "${AS_ROOT[@]}" rm -f "$folder/loyalty.conf"
  "${AS_ROOT[@]}" rmdir --ignore-fail-on-non-empty "$folder"
  return "$result"
}

# What comes from npm, in the versions that package-lock.json pins: buf, and what tests of deploy/ and clients/ need. Not with
# `npm ci`: it refuses a lock file without buf's programs for other systems, which not every registry has.
install_npm_packages() {
  local done_mark=node_modules/.package-lock.json log=$RUN/log/npm.log
  command -v npm >/dev/null || install_packages npm
  [[ ! -e $done_mark || package-lock.json -nt $done_mark || ! -x node_modules/.bin/buf ]] || return 0
  say "installing with npm: buf and what the tests need"
  npm install --no-save --no-audit --no-fund </dev/null >"$log" 2>&1 || die_with_log "npm install failed" "$log"
}
