#!/usr/bin/env bash
# Writes both lock files anew from pyproject.toml: versions and hashes for every platform, and no registry address.
# Needs uv on the PATH, or its path in $UV. With --upgrade, takes the newest releases that pyproject.toml allows.
set -euo pipefail
cd "$(dirname "$0")/.."

lock() {
    "${UV:-uv}" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-annotate --no-header --no-emit-index-url --no-emit-find-links "$@"
}

build_backend='hatchling>=1.27'
lock pyproject.toml - --output-file requirements.lock "$@" <<<"$build_backend"
printf '%s\n' "$build_backend" 'pyright[nodejs]' |
    lock pyproject.toml - --group dev --constraint requirements.lock --output-file requirements-dev.lock "$@"
