#!/usr/bin/env bash
# The main job from beginning to end, on three real brokers of our own.
set -euo pipefail
cd "$(dirname "$0")/.."

cluster=prod
# A sandbox's name is the same in every clone: two demos at once need two names.
name=demo-$$
[ -z "${KEEP:-}" ] || name=demo
finish() {
  status=$?
  if [ -n "${KEEP:-}" ] && [ "$status" -eq 0 ]; then
    echo "The sandbox stays up. Stop it with: .venv/bin/provisioner sandbox down --name $name"
  else
    provisioner sandbox down --name "$name" || true
  fi
  exit "$status"
}
step() { printf '\n\033[1m$ %s\033[0m\n' "$*"; "$@"; }

trap finish EXIT
rm -rf "build/sandbox/$cluster"
step provisioner sandbox up --name "$name"
bootstrap=$(provisioner sandbox status --name "$name" --output json | python -c 'import json, sys; print(json.load(sys.stdin)["bootstrap"])')
echo "topics that others keep (state: external) are made by the bare client:"
python scripts/make_external.py topics "$cluster" "$bootstrap"

step provisioner plan --cluster "$cluster" --sandbox --name "$name"
step provisioner apply --cluster "$cluster" --sandbox --name "$name" --yes
step provisioner plan --cluster "$cluster" --sandbox --name "$name" --detailed-exitcode

cat <<END

What is there now:
  rule files   build/sandbox/$cluster/rules
  dashboards   build/sandbox/$cluster/dashboards
  topics       .venv/bin/python scripts/look.py $bootstrap     (with make demo KEEP=1)
END
python scripts/look.py "$bootstrap"
