# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The newest supported kernel's source, unpacked in the cache.

# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

newest=7.3 newest_suite=trixie-backports

source_unpack() {
	apt_suite "$newest_suite"
	apt_download "linux-source-$newest" ||
		die "cannot download linux-source-$newest; is the network there?"
	mkdir tree
	dpkg-deb --fsys-tarfile "linux-source-${newest}_"*.deb |
		tar -xO --wildcards './usr/src/linux-source-*.tar.*' | xz -dc -T0 |
		tar -x -C tree --strip-components=1 ||
		die "linux-source-$newest does not unpack; is the disk full?"
}

# Prints the path of the tree.
source_tree() {
	local dir=$cache/source-$newest

	[ -d "$dir" ] || { need vm && make_once "$dir" source_unpack; } || exit
	echo "$dir"
}
