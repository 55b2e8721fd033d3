#!/usr/bin/env bash
# The program as a user has it: a wheel and its run-time dependencies in an environment of their own, in a repository of
# its own, by a user without a home, a git identity or our tools; against three real brokers.
set -euo pipefail
umask 022
cd "$(dirname "$0")/.."

dev=$(realpath -s "${VENV:-.venv}/bin")
scripts=$PWD/scripts
work=$(mktemp -d)
name=installed-$$
ended="FAILED"
finish() {
  status=$?
  (cd "$work" && "$dev/provisioner" sandbox down --name "$name") || status=1
  rm -rf "$work"
  [ "$status" -eq 0 ] || ended="FAILED"
  printf '\nthe installed program: %s\n' "$ended"
  exit "$status"
}
trap finish EXIT
step() { printf '\n== %s\n' "$*"; }

# Whose program it is below: nobody's where we are root. Nothing of this shell gets through to it: no PYTHONPATH, no git
# identity, no HOME. The shell between gives up what setpriv's first program still may do.
user=()
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
  user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
clean() {
  env -i HOME="$work/home" PATH="$work/env/bin:/usr/local/bin:/usr/bin:/bin" "${user[@]}" sh -c 'exec "$@"' sh "$@"
}
fit() { clean "$1" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# A Python below somebody's home is not for other users.
python=$(realpath "$dev/python")
if ! fit "$python" && fit /usr/bin/python3; then
  python=/usr/bin/python3
elif ! fit "$python"; then
  echo "SKIPPED: the other user, who may run neither $python nor a /usr/bin/python3 of 3.11 with venv"
  user=()
fi

step "a wheel, and a fresh environment of $python with what requirements.txt says"
"$dev/python" -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir "$work/dist" .
"$python" -m venv "$work/env"
"$work/env/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
"$work/env/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "$work"/dist/*.whl
"$work/env/bin/python" -m pip check --disable-pip-version-check

step "three brokers, from the development environment: the wheel's has no sandbox"
cd "$work"
"$dev/provisioner" sandbox up --name "$name"
"$dev/provisioner" sandbox status --name "$name" --output json >sandbox.json
by_hand() { "$dev/python" "$scripts/by_hand.py" "$work/sandbox.json" "$@"; }
read -r bootstrap cluster_id < <(by_hand address)

step "a fleet of one topic, in a repository of its own"
mkdir -p home rules panels repository/topics/payments
cat >repository/topics/clusters.yaml <<END
clusters:
  main:
    default: true
    bootstrap: $bootstrap
    cluster_id: $cluster_id
    defaults: {partitions: 3, replication_factor: 3, config: {min.insync.replicas: 2}}
    metrics: {profile: kafka_exporter}
    alerts: {type: files, folder: $work/rules, create: true}
    dashboards: {type: files, folder: $work/panels, create: true}
END
cat >repository/topics/payments/team.yaml <<END
chat: "#payments"
END
declare_orders() {
  cat >repository/topics/payments/orders.yaml <<END
topics:
  - name: orders.v1
    config: {retention.ms: $1}
    ${2:-}
consumers:
  - {topic: orders.v1, group: billing, lag: 5m}
END
}
declare_orders 7d

if [ "${#user[@]}" -gt 0 ]; then
  chmod 755 "$work"
  chown -R 65534:65534 home rules panels repository
fi
echo "everything below runs as $(clean id -un), whose HOME is an empty folder"
commit() {
  clean git -C "$work/repository" add --all
  clean git -C "$work/repository" -c user.name=them -c user.email=them@example.com commit --quiet --message "$1"
}
clean git init --quiet "$work/repository"
commit "orders"

# expect CODE WORDS COMMAND...: that exit code, and each word somewhere in what the program prints.
expect() {
  local code=$1 words=$2 got=0 output
  shift 2
  step "provisioner $*"
  output=$(cd "$work/repository" && clean provisioner "$@" 2>&1) || got=$?
  printf '%s\n[exit %s]\n' "$output" "$got"
  # shellcheck disable=SC2053 # CODE is a pattern
  [[ $got == $code ]] || { echo "error: exit $got, expected $code"; exit 1; }
  ! grep -q Traceback <<<"$output" || { echo "error: a traceback"; exit 1; }
  for word in $words; do
    grep -qF -e "$word" <<<"$output" || { echo "error: the output lacks '$word'"; exit 1; }
  done
}

holds() { grep -qF -e "$2" -r "$work/$1" || { echo "error: no file below $1 holds '$2'"; exit 1; }; }

expect 0 "" --version
expect 0 "" validate topics
expect 2 "orders.v1" plan --detailed-exitcode topics
expect 0 "orders.v1" apply --cluster main --yes topics
by_hand check orders.v1 retention.ms=604800000
holds rules orders.v1
holds panels orders.v1
expect 0 "" plan --detailed-exitcode topics

by_hand read orders.v1 billing
declare_orders 1d
commit "keep orders for a day"
expect 3 "orders.v1 shorter-retention allow: billing" plan --cluster main topics
by_hand check orders.v1 retention.ms=604800000
declare_orders 1d "allow: {shorter-retention: 1d}"
commit "and mean it"
expect 0 "orders.v1" plan --cluster main --out "$work/home/plan.json" topics
expect 0 "orders.v1" apply --cluster main --plan "$work/home/plan.json" --yes topics
by_hand check orders.v1 retention.ms=86400000
expect 0 "" drift --cluster main topics

by_hand create legacy.invoices
expect 0 "legacy.invoices" import --cluster main --team billing --match "legacy.*" topics
holds repository/topics/billing legacy.invoices
expect 0 "" validate topics
expect 0 "" render --cluster main --out "$work/home/rendered" topics
holds home/rendered orders.v1
expect 0 "TopicDeclaration retention.ms" schema topics
expect 2 "kafka-topic-provisioner" owners topics
expect "[1-9]*" "sandbox" sandbox status

ended="works"
