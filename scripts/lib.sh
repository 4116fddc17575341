# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the scripts here and below share: places, messages, apt.

set -u
unset MAKEFLAGS MFLAGS MAKELEVEL ARCH CROSS_COMPILE
me=${0##*/}
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=${scripts%/*}
cache=${WSP_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/wspfam}
EX_GUEST=125	# the harness or the guest failed, not the command

say() { echo "$me: $*" >&2; }

die() {
	say "$*"
	exit "$EX_GUEST"
}

# make has no way to say a space in a name, and the kernel's build is make.
[[ $top$cache != *[[:space:]]* ]] ||
	die "no path may have a space: the tree is $top, the cache $cache; set WSP_CACHE"

# What has been compiled once is taken from the cache, where ccache is installed. It goes
# by what the preprocessor makes of a source: a new header may come before a known one.
if [[ $cache = /* && :$PATH: != *:/usr/lib/ccache:* ]] && mkdir -p "$cache/ccache" 2>/dev/null; then
	export CCACHE_DIR=$cache/ccache CCACHE_MAXSIZE=2G CCACHE_NODIRECT=1
	PATH=/usr/lib/ccache:$PATH
fi

# No two processes fill the same part of the cache at once: lock NAME [MESSAGE]
# holds the lock until the calling (sub)shell ends; MESSAGE is for who has to wait.
lock() {
	mkdir -p "$cache/lock" 2>/dev/null || die "cannot create the cache $cache; set WSP_CACHE"
	exec {lock_fd}>"$cache/lock/$1" || die "cannot write to $cache; set WSP_CACHE"
	flock -n "$lock_fd" || { say "${2-waiting for $1}" && flock "$lock_fd"; }
}

# remove_old DIR PATTERN DAYS: what nobody has used for so long, and nobody is using.
remove_old() {
	local old

	find "$1" -maxdepth 1 -type d -name "$2" -mtime "+$3" | while read -r old; do
		flock -n -x "$old" rm -rf "$old"
	done
}

# What is in use is locked, so that nobody takes it for old.
in_use() {
	local fd

	touch "$1"
	exec {fd}<"$1" && flock -s "$fd"
}

# Two checkouts share the cache but not their builds.
checkout_id() { printf '%s' "$top" | cksum | cut -d ' ' -f 1; }

need() { "$scripts/deps" "$@" || exit "$EX_GUEST"; }

# The machine's own suites, or (apt_suite SUITE [deb-src]) one other suite of the same
# mirror, with lists of its own so that the machine's stay as they are.
apt_opts=(-qq -o APT::Sandbox::User=root -o Acquire::Retries=3
	-o APT::Update::Error-Mode=any)

apt_site() {
	local site

	# shellcheck disable=SC2016 # apt's own way to name a field
	site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' \
		'Origin: Debian' 'Codename: bookworm' | head -n 1)
	[ -n "$site" ] || die "apt knows no Debian 12 mirror; run apt-get update or see /etc/apt"
	echo "$site"
}

apt_arch=
apt_suite() {
	local site dir=$cache/apt/$1${2:+-$2}${apt_arch:+-$apt_arch}

	site=$(apt_site) || exit
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	echo "${2-deb} [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $1 main" \
		>"$dir/sources.list"
	apt_opts+=(-o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=-
		-o "Dir::State::lists=$dir/lists" -o "Dir::Cache=$dir/cache")
	apt_run update || die "cannot read the package lists of $1; is the network there?"
}

# apt_suite SUITE, of another architecture; NAME:amd64 is this machine's then.
apt_foreign() {
	apt_arch=$2
	apt_opts+=(-o "APT::Architecture=$2" -o "APT::Architectures::=$2"
		-o APT::Architectures::=amd64 -o Dir::State::status=/dev/null)
	apt_suite "$1"
}

# apt with the options above, silent unless it fails. It has locks of its own, which
# say no instead of waiting.
apt_run() {
	local out

	out=$(lock apt && apt-get "${apt_opts[@]}" "$@" 2>&1) && return
	say "apt-get $1: $(grep -m 1 '^[EW]:' <<<"$out")"
	return 1
}

# The package lists are read only when they do not know the package yet.
apt_known() {
	apt-cache "${apt_opts[@]}" show "$1" >/dev/null 2>&1 || apt_run update ||
		die "no package lists; run apt-get update as root, with the network up"
}

# Download the packages NAME... into the current directory.
apt_download() {
	say "downloading $*"
	apt_run download "$@"
}

# Unpack the packages in the current directory into DIR, and remove them.
unpack_packages() {
	local deb

	for deb in *.deb; do
		dpkg -x "$deb" "$1" || die "cannot unpack $deb; is the disk full?"
		rm "$deb"
	done
}

# Half-finished work has another name, so what has the right one is whole:
# make_once DIR COMMAND... has COMMAND make "tree" in a directory of its own, which
# becomes DIR in the cache unless that is there by then.
make_once() (
	name=${1##*/} parent=${1%/*} id=${1#"$cache/"}
	lock "${id//\//-}"
	[ -d "$1" ] && exit
	mkdir -p "$parent"
	rm -rf "$parent/.$name".*
	tmp=$(mktemp -d "$parent/.$name.XXXXXX") || die "cannot write to $cache"
	trap 'rm -rf "$tmp"' EXIT
	cd "$tmp" || exit
	"${@:2}" || exit
	chmod 755 tree
	mv tree "$1"
)
