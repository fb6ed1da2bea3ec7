# shellcheck shell=bash
# Sourced by ./dev: lint and fmt.

readonly TIDY_MAXIMUM=60

# A checkout that is mounted into a container often belongs to somebody else there.
git() { command git -c safe.directory="$ROOT" "$@"; }

# sources PATTERN...: tracked and new files.
sources() {
  local file
  git ls-files -co --exclude-standard -- "$@" | sort -u | while IFS= read -r file; do
    [[ ! -f $file ]] || printf '%s\n' "$file"
  done
}

lint() {
  local everything=false check result
  local -a failed=()
  [[ ${1:-} == --all ]] && everything=true && shift
  (($# == 0)) || die "unknown argument '$1': ./dev lint [--all]"
  git rev-parse HEAD >/dev/null 2>&1 || die "lint compares with git's history, and this is not a git checkout"
  install_packages build run lint
  install_npm_packages
  build_generated_headers
  for check in format "tidy $everything" buf_lint buf_breaking shell; do
    set +e  # `if (check)` would switch -e off inside
    # shellcheck disable=SC2086 # a name and its argument
    (set -e && check_$check)
    result=$?
    set -e
    ((result == 0)) || failed+=("${check%% *}")
  done
  ((${#failed[@]} == 0)) || die "lint failed: ${failed[*]}"
  say "lint: clean"
}

fmt() {
  (($# == 0)) || die "usage: ./dev fmt"
  install_packages lint
  sources '*.cc' '*.h' | xargs -r -d '\n' clang-format -i
}

check_format() {
  say "clang-format"
  sources '*.cc' '*.h' | xargs -r -d '\n' clang-format --dry-run -Werror 2>&1 | awk -F: '
    /clang-format-violations/ { if (!seen[$1]++) print "  " $1 ":" $2 ": not as ./dev fmt would write it"; next }
    /^Error |^[^ ]+: error: / { print }' >&2
}

check_buf_lint() {
  say "buf lint"
  node_modules/.bin/buf lint
}

check_buf_breaking() {
  local tag released=build/lint/released
  tag=$(git tag --list 'v*' --sort=-version:refname | head -n 1)
  if [[ -z $tag ]]; then
    say "buf breaking: there is no release yet (no tag v*), so nothing to compare with"
    return
  fi
  say "buf breaking against $tag"
  rm -rf "$released"
  mkdir -p "$released"
  git archive "$tag" -- buf.yaml proto | tar -x -C "$released"
  node_modules/.bin/buf breaking --against "$released"
}

check_shell() {
  local -a scripts=()
  local file first
  while IFS= read -r file; do
    first=
    IFS= read -r first <"$file" || true
    [[ $file != *.sh && ! $first =~ ^#!.*[/\ ](ba)?sh$ ]] || scripts+=("$file")
  done < <(sources)
  say "shellcheck"
  shellcheck -x "${scripts[@]}"
}

# What clang-tidy includes must exist, but nothing need be compiled.
build_generated_headers() {
  local -a headers
  configure release
  mapfile -t headers < <(ninja -C build/release -t targets all | sed -n 's/^\(generated\/.*\.h\): .*/\1/p')
  ((${#headers[@]} == 0)) || build_preset release --target "${headers[@]}"
}

# check_tidy EVERYTHING
check_tidy() {
  local -a units
  mapfile -t units < <(tidy_files "$1" | tidy_units)
  if ((${#units[@]} == 0)); then
    say "clang-tidy: nothing changed"
    return
  fi
  say "clang-tidy: ${#units[@]} files"
  if ! $1 && ((${#units[@]} > TIDY_MAXIMUM)); then
    warn "clang-tidy: only the first $TIDY_MAXIMUM of ${#units[@]} changed files; ./dev lint --all checks all"
    units=("${units[@]:0:TIDY_MAXIMUM}")
  fi
  local number=0 unit
  # shellcheck disable=SC2016 # the inner shell expands it
  for unit in "${units[@]}"; do
    number=$((number + 1))
    printf '%s\n' "$number/${#units[@]}" "$unit"
  done | xargs -d '\n' -n 2 -P "$(nproc)" bash -c '
    echo "  [$1] $2"
    output=$(clang-tidy --quiet -p build/lint "$2" 2>&1) || {
      grep -v "warnings generated.$" <<<"$output" >&2
      exit 1
    }' tidy
}

# tidy_files EVERYTHING: all, or those that differ from where this branch left origin/main; without that, those of the
# last commit and of the working tree.
tidy_files() {
  local base
  if $1; then
    sources '*.cc' '*.h'
    return
  fi
  base=$(git merge-base HEAD origin/main 2>/dev/null) || base=
  [[ -n $base && $base != "$(git rev-parse HEAD)" ]] ||
    base=$(git rev-parse --verify --quiet HEAD~1) || base=$(git hash-object -t tree /dev/null)
  git diff --name-only --diff-filter=d "$base" -- '*.cc' '*.h'
  git ls-files -o --exclude-standard -- '*.cc' '*.h'
}

# From the files on standard input, those that clang-tidy can compile; for a header, its own *.cc or the first that
# includes it. Writes build/lint/compile_commands.json: the release's without what only GCC understands (the
# precompiled header) and without the compiler's launcher.
tidy_units() {
  mkdir -p build/lint
  python3 -c '
import json, os, re, shlex, sys

COMPILER = re.compile(r"(.*/)?([\w.-]+-)?(c|g|clang)\+\+(-[\d.]+)?")

def clean(command):
    words = shlex.split(command)
    while not COMPILER.fullmatch(words[0]):
        words.pop(0)
    kept = []
    for word in words:
        if word.endswith("/cmake_pch.hxx") and kept[-1] == "-include":
            kept.pop()
        elif word not in ("-fpch-preprocess", "-Winvalid-pch"):
            kept.append(word)
    return kept

entries = {e["file"]: e for e in json.load(open("build/release/compile_commands.json"))}.values()  # each file once
json.dump([{"directory": e["directory"], "file": e["file"], "arguments": clean(e["command"])} for e in entries],
          open("build/lint/compile_commands.json", "w"), indent=1)

units = sorted(os.path.relpath(e["file"]) for e in entries)
units = [u for u in units if not u.startswith(("build/", "../"))]
wanted = set()
for name in sys.stdin.read().splitlines():
    own = re.sub(r"\.h$", ".cc", name)
    if own in units:
        wanted.add(own)
    elif name.endswith(".h"):
        include = "#include \"%s\"" % name
        wanted.update([u for u in units if include in open(u, encoding="utf-8").read()][:1])
print("\n".join(sorted(wanted)), end="\n" if wanted else "")
'
}
