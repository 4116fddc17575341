# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The emulators. Debian 12's own QEMU 7.2 loses the race between one processor that
# changes code and another that translates it: a guest of two processors that switches
# a tracepoint or a static key under traffic dies of an int3 that is no longer there,
# or hangs. So that of its backports is kept in the cache, for which the other brings
# the libraries. What counts the instructions of one processor stays with 7.2, which
# takes a third of the time.

# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

qemu_dir=$cache/qemu
qemu=("$qemu_dir/usr/bin/qemu-system-x86_64" -L "$qemu_dir/usr/share/qemu"
	-L "$qemu_dir/usr/share/seabios")

# qemu_unpack PROGRAM PACKAGE...: what brings the program, from the backports
qemu_unpack() {
	apt_suite bookworm-backports
	apt_download "${@:2}" || die "cannot download QEMU; is the network there?"
	unpack_packages tree
	"tree/usr/bin/$1" --version >/dev/null ||
		die "the QEMU of bookworm-backports does not start here"
}

# qemu_once DIR PROGRAM PACKAGE...
qemu_once() {
	[ -d "$1" ] || { need vm && make_once "$1" qemu_unpack "${@:2}"; }
}

# qemu_fetch [ARCH], this machine's or another
qemu_fetch() {
	qemu_once "$qemu_dir" qemu-system-x86_64 qemu-system-x86 qemu-system-data seabios &&
		case ${1-} in arm*)
			qemu_once "$qemu_dir-arm" qemu-system-arm qemu-system-arm ;;
		esac
}

# Sets qemu and machine for a guest of ARCH.
# shellcheck disable=SC2034 # vm uses them
qemu_choose() {
	case $1 in
	arm64)
		qemu[0]=$qemu_dir-arm/usr/bin/qemu-system-aarch64
		machine=(-M virt -cpu cortex-a72) ;;
	armhf)
		qemu[0]=$qemu_dir-arm/usr/bin/qemu-system-arm
		machine=(-M "virt,highmem=off" -cpu cortex-a15) ;;
	i386)
		qemu[0]=$qemu_dir/usr/bin/qemu-system-i386
		machine=(-M q35 -cpu Nehalem) ;;
	*) machine=(-M q35 -cpu max) ;;
	esac
}
