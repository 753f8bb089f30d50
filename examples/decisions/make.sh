#!/usr/bin/env bash
# Makes models.lock, arriving.lock and vendor/ of this folder from models.toml and make-repos.py: the repos are served on
# this machine, and modelpin itself does the rest. models.lock pins the first commit of `acme/reader`; arriving.lock is
# what `modelpin update reader` makes of it, as a pull request would bring it.
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
first=$(curl -sf "$HF_ENDPOINT/api/models/acme/reader/commits/main" | python3 -c 'import json, sys; print(json.load(sys.stdin)[-1]["id"])')
rm -rf "$here/models.lock" "$here/arriving.lock" "$here/vendor"

# A lock is written even where somebody has to decide before anything is synced: that is exit code 5.
decide() { "$bin/modelpin" -C "$here" --quiet "$@" || [ $? = 5 ]; }
decide lock
decide update reader
"$bin/modelpin" -C "$here" --quiet vendor vendor.new
mv "$here/models.lock" "$here/arriving.lock"
decide lock
decide update reader --precise "$first"
"$bin/modelpin" -C "$here" --quiet vendor vendor
cp -rn "$here/vendor.new/." "$here/vendor/"
rm -rf "$here/vendor.new"
