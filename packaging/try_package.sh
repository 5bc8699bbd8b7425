#!/usr/bin/env bash
# Tries a Debian package of ours, as root on a system to spare (a chroot, a container): installs it
# beside the distribution's PostgreSQL, makes a segmentation there, upgrades to a newer package if
# one is given, and removes it again.
#
#   packaging/try_package.sh postgresql-15-customer-value_1.0.0-1_amd64.deb [NEWER.deb]
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
package=$(realpath "$1")
newer=${2:+$(realpath "$2")}
name=$(dpkg-deb --field "$package" Package)
major=${name#postgresql-}
major=${major%%-*}

say() { printf '== %s\n' "$*"; }
sql() { runuser -u postgres -- psql --cluster "$major/try" -XqAt -v ON_ERROR_STOP=1 "$@"; }
install() { apt-get -q -y --no-install-recommends install "$1"; }
version() { sql -c "SELECT extversion FROM pg_extension WHERE extname = 'customer_value'"; }
packaged() { dpkg-deb --field "$1" Version | sed 's/-[^-]*$//'; }
segments() {
    sql -c 'SELECT rfm_segment, count(*), sum(monetary), round(sum(clv)) FROM shop.customer_segments
            GROUP BY 1 ORDER BY 1'
}
names() {  # what is called like us on this system, but for the folder of the package
    find / -xdev \( -path /proc -o -path "$(dirname "$package")" \) -prune -o -iname '*customer[_-]value*' -print | sort
}
same() {
    if [ "$1" != "$2" ]; then
        printf 'expected:\n%s\nfound:\n%s\n' "$1" "$2" >&2
        exit 1
    fi
}

had=$(names)  # such as the checkout that this script lies in
say "install $(basename "$package")"
install "$package"
dpkg --verify "$name"

say "a segmentation in PostgreSQL $major"
pg_createcluster "$major" try --locale C.UTF-8 -o "listen_addresses=" --start
sql <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION customer_value;
CREATE SCHEMA shop;
CREATE TABLE shop.orders (customer_id int, ordered_at date, total numeric(10, 2));
INSERT INTO shop.orders
SELECT i * i % 101, date '2024-01-01' + i * 7 % 200, i % 37 FROM generate_series(1, 2000) AS i;
SELECT customer_value.create_segmentation('shop.customer_segments', 'shop.orders',
    'customer_id', 'ordered_at', 'total', '{"as_of": "2024-08-01"}');
SQL
same "$(packaged "$package")" "$(version)"
before=$(segments)
printf '%s\n' "$before"
[ -n "$before" ]

if [ -n "$newer" ]; then
    say "upgrade to $(basename "$newer")"
    install "$newer"
    same "$before" "$(segments)"
    sql -c 'ALTER EXTENSION customer_value UPDATE'
    same "$(packaged "$newer")" "$(version)"
    same "$before" "$(segments)"
    pg_ctlcluster "$major" try restart
    same "$before" "$(segments)"
fi

say "remove"
sql -c 'SET client_min_messages = warning; DROP EXTENSION customer_value CASCADE'
pg_dropcluster --stop "$major" try
apt-get -q -y purge "$name"
same "$had" "$(names)"
say "PostgreSQL $major: the package installs, works and leaves nothing behind"
