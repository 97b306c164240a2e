# What the workbench needs from the system, and how to get it. Sourced by the scripts beside this folder.
# shellcheck shell=bash

readonly EX_UNAVAILABLE=69
readonly OLDEST_SWIFT=6.2

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "${0##*/}: $*"
  exit "$EX_UNAVAILABLE"
}

has_command() { command -v "$1" >/dev/null; }

# Whether a file of that name lies in one of the folders compilers look in.
has_header() { compgen -G "/usr/include/$1" >/dev/null || compgen -G "/usr/include/*-linux-gnu/$1" >/dev/null; }
has_library() {
  compgen -G "/usr/lib/*-linux-gnu/lib$1.so" >/dev/null || compgen -G "/usr/lib*/lib$1.so" >/dev/null
}

has_chinese_font() { has_command fc-list && [[ -n $(fc-list :lang=zh family) ]]; }
has_openblas() { has_command pkg-config && pkg-config --exists openblas; }
has_boost() { has_library boost_iostreams && has_library boost_filesystem && has_library boost_system; }
has_cxx() { has_command g++ && has_header 'c++/*/iostream'; }
has_certificates() { [[ -s /etc/ssl/certs/ca-certificates.crt ]]; }

# The shared libraries that the Swift tools need and the system does not have. A toolchain unpacked from an archive
# brings no packages along.
libraries_swift_misses() {
  local swift tool
  swift=$(command -v swift) || return 0
  local folder
  folder=$(dirname "$(readlink -f "$swift")")
  for tool in swift-driver swift-frontend swift-build swift-package swift-format clang; do
    if [[ -e $folder/$tool ]]; then ldd "$folder/$tool" 2>/dev/null; fi
  done | awk '/not found/ { print $1 }' | sort -u
}

# Prints the packages that are missing, one per line.
missing_packages() {
  local library
  while read -r library; do
    case $library in
      '') ;;
      libncurses.so.6 | libform.so.6 | libpanel.so.6) echo libncurses6 ;;
      libsqlite3.so.0) echo libsqlite3-0 ;;
      libxml2.so.2) echo libxml2 ;;
      libcurl.so.4) echo libcurl4 ;;
      libedit.so.2) echo libedit2 ;;
      libz.so.1) echo zlib1g ;;
      libstdc++.so.6) echo libstdc++6 ;;
      *) ;; # not needed to build (the debugger's Python), or Swift will not start and say why
    esac
  done <<<"$(libraries_swift_misses)" | sort -u

  has_command git || echo git
  has_certificates || echo ca-certificates
  has_cxx || echo g++
  has_command pkg-config || echo pkg-config
  has_command gnuplot || echo gnuplot-nox
  has_header gnuplot-iostream.h || echo libgnuplot-iostream-dev
  has_boost || printf '%s\n' libboost-iostreams-dev libboost-filesystem-dev libboost-system-dev
  has_openblas || echo libopenblas-dev
  { has_header lapacke.h && has_library lapacke; } || echo liblapacke-dev
  has_command dot || echo graphviz
  has_command fc-list || echo fontconfig
  has_chinese_font || echo fonts-wqy-microhei
}

# Runs a command as root.
as_root() {
  if [[ $(id -u) -eq 0 ]]; then "$@"; else sudo "$@"; fi
}

install_packages() {
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120)
  # A list that cannot be refreshed is no reason to stop: what is needed may be in the others.
  as_root "${apt[@]}" update -qq >&2 || say "apt-get update failed; trying with the package lists there are."
  as_root "${apt[@]}" install -y -qq --no-install-recommends "$@" >&2
}

require_swift() {
  has_command swift ||
    fail "Swift is missing: install Swift $OLDEST_SWIFT or newer from https://www.swift.org/install/linux/."
}

require_new_enough_swift() {
  local version oldest
  version=$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
  [[ -n $version ]] ||
    fail "Swift does not start ($(swift --version 2>&1 | head -n 1)): install it as https://www.swift.org/install/linux/ says."
  oldest=$(printf '%s\n' "$OLDEST_SWIFT" "$version" | sort -V | head -n 1)
  [[ $oldest == "$OLDEST_SWIFT" ]] ||
    fail "Swift $version is too old: install Swift $OLDEST_SWIFT or newer from https://www.swift.org/install/linux/."
}

# Sees to it that everything needed is there; installs what is missing and says so. Nothing missing: nothing done.
ensure_requirements() {
  require_swift
  local found missing
  found=$(missing_packages) || exit
  mapfile -t missing < <(sed '/^$/d' <<<"$found")
  if ((${#missing[@]} > 0)); then
    has_command apt-get ||
      fail "this system has no apt-get: install what these Debian packages hold, then try again: ${missing[*]}."
    [[ $(id -u) -eq 0 ]] || has_command sudo ||
      fail "neither root nor sudo: run 'apt-get install --no-install-recommends ${missing[*]}' as root."
    say "Installing ${missing[*]}"
    install_packages "${missing[@]}" ||
      fail "apt-get could not install them: see above, mend it, and try again."
    found=$(missing_packages) || exit
    [[ -z $found ]] || fail "still missing after the installation: ${found//$'\n'/ }."
  fi
  require_new_enough_swift
}
