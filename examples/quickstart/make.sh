#!/usr/bin/env bash
# Makes models.lock and vendor/ of this folder, and models.lock.example at the top, from models.toml and
# make-repos.py: the repos are served on this machine, and modelpin itself does the rest.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

cargo build --quiet --manifest-path "$top/Cargo.toml" -p modelpin -p modelpin-testkit
bin=${CARGO_TARGET_DIR:-$top/target}/debug
python3 "$here/make-repos.py" "$work/repos"
"$bin/modelpin-testkit" "$work/repos" > "$work/hub" &
server=$!
until grep -q '^ready' "$work/hub"; do sleep 0.1; done

export HF_ENDPOINT MODELPIN_CACHE_DIR="$work/store"
HF_ENDPOINT=$(sed -n 's/^endpoint //p' "$work/hub")
rm -rf "$here/models.lock" "$here/vendor"
"$bin/modelpin" -C "$here" --quiet lock
"$bin/modelpin" -C "$here" --quiet vendor vendor
cp "$here/models.lock" "$top/models.lock.example"
