# shellcheck shell=bash
# shellcheck disable=SC2034 # The variables are for the scripts that source this one.
# What the scripts share: where things are, how they speak, and steps with a summary. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=$root/.tools
stamps=$tools/stamps
node_bin=$tools/node/node_modules/.bin

# Cargo's usual place, for shells that have not read a profile.
[[ -d ${HOME:-}/.cargo/bin ]] && PATH=$HOME/.cargo/bin:$PATH

say() { printf '%s\n' "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# One hash over the contents and names of the given files.
hash_of() { sha256sum -- "$@" | sha256sum | cut -d' ' -f1; }

# Whether a part was done before from the same inputs.
stamped() { [[ -f $stamps/$1 && $(<"$stamps/$1") == "$2" ]]; }

stamp() {
  mkdir -p "$stamps"
  printf '%s\n' "$2" >"$stamps/$1"
}

# The system's Node.js, where it is at least 22.12.
system_node_is_new_enough() {
  have node && have npm && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 22 || (major === 22 && minor >= 12) ? 0 : 1);'
}

use_node() { system_node_is_new_enough || PATH=$node_bin:$PATH; }

# Runs a script of the web application's package.json.
web() { npm --prefix "$root/web" run --silent "$@"; }

# Steps: each runs whatever became of the others, and the summary says which of them failed.
summary=()
failed=0

step() {
  local name=$1 start=$SECONDS result=ok
  shift
  say "== $name"
  "$@" || result=FAILED
  [[ $result == ok ]] || failed=$((failed + 1))
  summary+=("$(printf '%-28s %-6s %4d s' "$name" "$result" $((SECONDS - start)))")
}

# Prints every step's result and ends the script accordingly.
finish() {
  printf '\n%s\n' "$1:"
  printf '  %s\n' "${summary[@]}"
  [[ $failed -eq 0 ]] || die "$failed of ${#summary[@]} steps failed"
}
