# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Kernels built here from the newest source, with all the checking that stock
# ones do without: "uml" is User Mode Linux, "debug" and "kcsan" are emulated.

# shellcheck source-path=SCRIPTDIR source=source.sh
. "$(dirname "${BASH_SOURCE[0]}")/source.sh"

# Which files of configs/ make up kernel $1; fails for one that is not built.
built_parts() {
	case $1 in
	uml) echo base uml ;;
	debug) echo base qemu debug ;;
	kcsan) echo base qemu kcsan ;;
	*) return 1 ;;
	esac
}

built_arch() { [ "$1" = uml ] && echo um || echo x86_64; }

# All options of kernel $1 beyond tinyconfig, once each: the last one counts.
built_config() {
	local parts

	parts=$(built_parts "$1") || return
	{
		sed 's/=m$/=y/' "$top/selftests/config"
		(cd "$scripts/kernels/configs" && eval "cat $parts")
	} | sed -nE 's/^(# )?(CONFIG_[A-Z0-9_]+)[= ].*/\2 &/p' |
		awk '{ key = $1; sub(/^[^ ]* /, ""); option[key] = $0 }
			END { for (key in option) print option[key] }' | LC_ALL=C sort
}

built_dir() { echo "$cache/kernels/$1-$(built_config "$1" | cksum | cut -d ' ' -f 1)"; }

# built_make KERNEL DIR MAKE-ARG...: a whole kernel is compiled once in a long time
built_make() {
	local kernel=$1 dir=$2

	shift 2
	CCACHE_DISABLE=1 make -s -C "$(source_tree)" O="$dir/build" ARCH="$(built_arch "$kernel")" \
		LOCALVERSION="-$kernel" "$@"
}

# Other options than asked for would mean other checks than promised. User Mode
# Linux has no function tracer, though.
built_configure() {
	local lacking

	built_make "$1" "$2" tinyconfig &&
		"$(source_tree)/scripts/kconfig/merge_config.sh" -m -O "$2/build" \
			"$2/build/.config" "$2/options" >/dev/null &&
		built_make "$1" "$2" olddefconfig || return
	lacking=$(grep -vxFf "$2/build/.config" "$2/options" |
		grep -vE '^# |^CONFIG_(DYNAMIC_FTRACE|FUNCTION_TRACER)=')
	[ -z "$lacking" ] || { say "kernel $1 would lack ${lacking//$'\n'/, }" && return 1; }
}

built_build() {
	local image=vmlinux

	[ "$1" != uml ] || image=linux
	built_configure "$1" "$2" && built_make "$1" "$2" -j"$(nproc)" &&
		built_make "$1" "$2" modules_install INSTALL_MOD_PATH="$2" DEPMOD=true &&
		depmod -b "$2" "$(built_make "$1" "$2" kernelrelease)" &&
		ln -sf "build/$image" "$2/$image" &&
		built_make "$1" "$2" kernelrelease >"$2/release.new" &&
		mv "$2/release.new" "$2/release"
}

# Other options most often mean few other objects: begin with those there are.
built_begin() {
	local former

	[ -d "$2" ] && return
	former=$(find "$cache/kernels" -maxdepth 2 -path "*/$1-*/release" -printf '%T@ %h\n' |
		sort -n | sed -n '$s/^[^ ]* //p')
	mkdir -p "$2/build" && { [ -z "$former" ] || cp -a "$former/build" "$2/"; }
}

# Only what is finished has a file "release".
built_fetch() (
	dir=$(built_dir "$1")
	[ -e "$dir/release" ] && exit
	need build vm kernel
	source_tree >/dev/null || exit
	lock "kernels-$1"
	[ -e "$dir/release" ] && exit
	say "building kernel $1, which takes ten to twenty minutes, once"
	remove_old "$cache/kernels" "$1-*" 14
	{ built_begin "$1" "$dir" && built_config "$1" >"$dir/options"; } ||
		die "cannot write to $cache; is the disk full?"
	said=$(built_build "$1" "$dir" 2>&1) ||
		die "kernel $1 does not build, in $dir/build:"$'\n'"$(tail -n 20 <<<"$said")"
)
