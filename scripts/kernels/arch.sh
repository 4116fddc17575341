# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Architectures other than this machine's: a kernel of one is called SERIES-ARCH, by
# Debian's name for it. Debian's cross compilers cannot be installed beside
# gcc-multilib, so they are unpacked into the cache.

# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# Name, flavour of the kernel, the kernel's own name, triplet.
arch_table() {
	cat <<-END
	arm64	arm64	arm64	aarch64-linux-gnu
	armhf	armmp	arm	arm-linux-gnueabihf
	i386	686-pae	i386	i686-linux-gnu
	s390x	s390x	s390	s390x-linux-gnu
	riscv64	riscv64	riscv	riscv64-linux-gnu
	END
}

arch_names() { arch_table | cut -f 1 | paste -sd ' '; }

# arch_field ARCH NUMBER; fails for one that is not in the table.
arch_field() {
	arch_table | awk -v a="$1" -v n="$2" '$1 == a { print $n; ok = 1 } END { exit !ok }'
}

# The architecture of kernel $1, if it is not this machine's.
kernel_arch() { [[ $1 == *-* ]] && arch_field "${1#*-}" 1; }

cross_unpack() {
	local triplet packages

	triplet=$(arch_field "$1" 4) || die "unknown architecture '$1'; known are $(arch_names)"
	packages=({gcc,gcc-12,cpp-12,binutils}-"$triplet" "libgcc-12-dev-$1-cross")
	apt_known "gcc-12-$triplet"
	apt_download "${packages[@]}" || { apt_run update && apt_download "${packages[@]}"; } ||
		die "cannot download the compiler for $1; is the network there?"
	unpack_packages tree
	# Its base package would hold what these name.
	rm -rf tree/usr/share
}

cross_fetch() {
	local dir=$cache/cross/$1

	[ -d "$dir" ] || { need build && make_once "$dir" cross_unpack "$1"; }
}

# From here on make and all that it calls find the compiler for ARCH, by ccache's name
# for it where that is installed.
cross_use() {
	local dir=$cache/cross/$1/usr name

	cross_fetch "$1" || exit
	export PATH=$dir/bin:$PATH
	if [ -x /usr/bin/ccache ]; then
		mkdir -p "$dir/ccache"
		for name in "$(arch_field "$1" 4)-gcc"{,-12}; do
			ln -sfT /usr/bin/ccache "$dir/ccache/$name"
		done
		PATH=$dir/ccache:$PATH
	fi
	export LD_LIBRARY_PATH=$dir/lib/x86_64-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

# What make wants for a build of kernel $1, one word a line.
kernel_vars() {
	local arch

	if arch=$(kernel_arch "$1"); then
		echo "ARCH=$(arch_field "$arch" 3)"
		echo "CROSS_COMPILE=$(arch_field "$arch" 4)-"
		# Tracing wants all functions aligned there; this compiler does not align
		# those that are seldom called, and the kernel would not survive the module.
		[ "$1" != 7.3-arm64 ] || echo CC_FLAGS_FTRACE=
	else
		echo "ARCH=$(built_arch "$1")"
	fi
}

# What the tests and wspctl want, and what compiling for it wants.
root_packages=(base-files base-passwd bash dash coreutils diffutils findutils grep gzip
	hostname kmod libc-bin libcap2-bin libc6 apparmor bsdutils iproute2 mawk mount
	netbase nftables perl procps sed tar util-linux libjson-c5 libseccomp2
	libc6-dev libjson-c-dev libseccomp-dev)

# A guest's root without what packages do when they are installed, since that would
# run programs of ARCH here.
root_finish() {
	local etc=$1/etc

	mkdir -p "$1/mnt" &&
		cp "$1/usr/share/base-passwd/passwd.master" "$etc/passwd" &&
		cp "$1/usr/share/base-passwd/group.master" "$etc/group" &&
		cp "$1/usr/share/libc-bin/nsswitch.conf" "$etc/nsswitch.conf" &&
		printf '%s\n' '127.0.0.1 localhost wsp' '::1 localhost' >"$etc/hosts" &&
		ln -s mawk "$1/usr/bin/awk"
}

root_make() {
	local site

	site=$(apt_site) || exit
	say "making a small Debian 12 for $1"
	if ! { mmdebstrap -q --variant=extract --architectures="$1" \
		--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
		--include="$(IFS=, && echo "${root_packages[*]}")" \
		bookworm tree "deb $site bookworm main" >log 2>&1 &&
		root_finish tree 2>>log
	}; then
		die "cannot make it: $(tail -n 3 log)"
	fi
}

# Prints the directory of a small Debian 12 of ARCH; makes it first, once.
cross_root() {
	local dir

	dir=$(echo "${root_packages[*]}" && declare -f root_finish)
	dir=$cache/roots/$1-$(cksum <<<"$dir" | cut -d ' ' -f 1)
	[ -d "$dir" ] || { need fresh && make_once "$dir" root_make "$1"; } || exit
	echo "$dir"
}

# The compiler for ARCH, for programs of that Debian.
cross_gcc() {
	local root

	root=$(cross_root "$1") || exit
	echo "$(arch_field "$1" 4)-gcc --sysroot=$root"
}
