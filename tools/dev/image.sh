# shellcheck shell=bash
# Sourced by ./dev: images of the services, with buildah or docker. What is in them: deploy/docker.

readonly IMAGE_LIMIT_MB=120

image_usage() {
  cat <<'TEXT'
usage: ./dev image [--prebuilt] [--base IMAGE] [SERVICE...]

Builds loyalty-SERVICE:VERSION for the services named, or all four, with buildah, or docker where there is no buildah.
`payment-sandbox` may be named too: the stand-in for a payment provider that the overlay `dev` runs.
  --prebuilt    take the programs of build/release/bin (built on Debian 12) rather than compile them in the image build
  --base IMAGE  an image of Debian 12 to start from (default debian:bookworm-slim)
Storage and isolation of buildah: its own variables STORAGE_DRIVER and BUILDAH_ISOLATION.
TEXT
}

image() {
  local programs=build base=debian:bookworm-slim tool version name
  local -a names=()
  while (($#)); do
    case $1 in
      --prebuilt) programs=prebuilt ;;
      --base)
        (($# >= 2)) || die "--base needs an image of Debian 12: ./dev image --base debian:bookworm-slim"
        base=$2
        shift
        ;;
      --help | -h) image_usage && return ;;
      *)
        [[ " ${SERVICES[*]} payment-sandbox " == *" $1 "* ]] || die "there is no service '$1'; ./dev image --help"
        names+=("$1")
        ;;
    esac
    shift
  done
  ((${#names[@]})) || names=("${SERVICES[@]}")
  tool=$(image_tool)
  version=$(sed -n 's/^project(loyalty VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
  for name in "${names[@]}"; do
    [[ $programs == build || -x $BIN/loyalty-$name ]] || die "build/release/bin/loyalty-$name is not there: ./dev build"
    say "building loyalty-$name:$version with $tool"
    image_build "$tool" "$name" "loyalty-$name:$version" "$programs" "$base"
    image_check_size "$tool" "loyalty-$name:$version"
  done
}

# A docker that answers, or buildah, which is installed where neither is there.
image_tool() {
  if ! command -v buildah >/dev/null && docker info >/dev/null 2>&1; then
    say docker
  else
    command -v buildah >/dev/null || install_packages image >&2
    say buildah
  fi
}

# image_build TOOL TARGET TAG PROGRAMS BASE
image_build() {
  local file=deploy/docker/Containerfile log=$RUN/log/image-$2.log
  local -a command=(docker build)
  [[ $1 == docker ]] || command=(buildah build --layers --ignorefile "$file.dockerignore")
  "${command[@]}" --file "$file" --target "$2" --tag "$3" --build-arg "PROGRAMS=$4" --build-arg "DEBIAN=$5" . \
    </dev/null >"$log" 2>&1 || die_with_log "the image build of $2 failed" "$log"
}

# image_check_size TOOL TAG: of all files in it, not compressed.
image_check_size() {
  local size
  if [[ $1 == docker ]]; then
    size=$(($(docker image inspect --format '{{.Size}}' "$2") / 1000000))
  else
    size=$(buildah images --format '{{.Size}}' "$2" | awk '{ print int($1 * ($2 == "GB" ? 1000 : $2 == "MB" ? 1 : 0)) }')
  fi
  ((size < IMAGE_LIMIT_MB)) || die "$2 has $size MB; the limit is $IMAGE_LIMIT_MB"
  printf '%-28s %d MB\n' "$2" "$size"
}
