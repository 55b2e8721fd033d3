#!/usr/bin/env bash
# The live tests on other releases of Kafka, one after the other; a line of result for each at the end.
#
#   compat.sh [RELEASE ...]            default: every release that the sandbox has
#   SHORT=1 compat.sh 3.5.2            the main job alone
set -uo pipefail
cd "$(dirname "$0")/.."

python=${VENV:-.venv}/bin/python
tests=tests/live
[ -z "${SHORT:-}" ] || tests=tests/live/test_main.py
[ $# -gt 0 ] || read -ra releases < <("$python" -c 'from provisioner.sandbox import releases; print(*releases.known())')
[ $# -eq 0 ] || releases=("$@")

results=()
status=0
for release in "${releases[@]}"; do
  printf '\n== Kafka %s\n' "$release"
  began=$SECONDS
  log=$(mktemp)
  KAFKA=$release "$python" -m pytest -m live "$tests" 2>&1 | tee "$log"
  code=${PIPESTATUS[0]}
  [ "$code" -eq 0 ] || status=1
  results+=("Kafka $release: $([ "$code" -eq 0 ] && echo ok || echo FAILED), $(tail -n 1 "$log"); $((SECONDS - began)) s")
  rm -f "$log"
done
printf '\n'
printf '%s\n' "${results[@]}"
exit "$status"
