#!/usr/bin/env bash
# Runs a command with TEST_DATABASE_URL pointing at a PostgreSQL cluster made for it, on loopback only, and removes it afterwards.
# Usage: test/store/postgres.sh npm run test:postgres
set -euo pipefail

binaries=${POSTGRES_BIN:-$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)}
if [ ! -x "$binaries/initdb" ]; then
  echo "PostgreSQL's server programs were not found: install Debian's postgresql package or set POSTGRES_BIN." >&2
  exit 1
fi

# PostgreSQL refuses to run as root.
as_owner() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

home=$(as_owner mktemp -d "${TMPDIR:-/tmp}/phish-triage-postgres.XXXXXX")
stop() {
  as_owner "$binaries/pg_ctl" -D "$home/data" -m immediate -w stop >/dev/null 2>&1 || true
  rm -rf "$home"
}
trap stop EXIT
trap 'exit 130' INT TERM

password=$(node -p 'require("node:crypto").randomBytes(16).toString("hex")')
port=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
as_owner sh -c "umask 077 && printf %s '$password' >'$home/password'"
as_owner "$binaries/initdb" -D "$home/data" -U postgres -A scram-sha-256 --pwfile="$home/password" -E UTF8 --no-locale -N >/dev/null
as_owner "$binaries/pg_ctl" -D "$home/data" -l "$home/log" -w \
  -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$home -c fsync=off" start >/dev/null ||
  { cat "$home/log" >&2; exit 1; }

TEST_DATABASE_URL="postgres://postgres:$password@127.0.0.1:$port/postgres" "$@"
