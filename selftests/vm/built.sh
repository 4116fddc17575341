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
		(cd "$vmdir/configs" && eval "cat $parts")
	} | sed -nE 's/^(# )?(CONFIG_[A-Z0-9_]+)[= ].*/\2 &/p' |
		awk '{ key = $1; sub(/^[^ ]* /, ""); option[key] = $0 }
			END { for (key in option) print option[key] }' | LC_ALL=C sort
}

built_dir() { echo "$cache/kernels/$1-$(built_config "$1" | cksum | cut -d ' ' -f 1)"; }

built_make() {
	local kernel=$1

	shift
	make -s -C "$(source_tree)" O="$(built_dir "$kernel")/build" \
		ARCH="$(built_arch "$kernel")" LOCALVERSION="-$kernel" "$@"
}

# Other options than asked for would mean other checks than promised. User Mode
# Linux has no function tracer, though.
built_configure() {
	local lacking dir

	dir=$(built_dir "$1")
	mkdir -p "$dir/build" && built_config "$1" >"$dir/options" &&
		built_make "$1" tinyconfig &&
		"$(source_tree)/scripts/kconfig/merge_config.sh" -m -O "$dir/build" \
			"$dir/build/.config" "$dir/options" >/dev/null &&
		built_make "$1" olddefconfig || return
	lacking=$(grep -vxFf "$dir/build/.config" "$dir/options" |
		grep -vE '^# |^CONFIG_(DYNAMIC_FTRACE|FUNCTION_TRACER)=')
	[ -z "$lacking" ] || { say "kernel $1 would lack ${lacking//$'\n'/, }" && return 1; }
}

built_build() {
	local dir image=vmlinux

	dir=$(built_dir "$1")
	[ "$1" != uml ] || image=linux
	built_configure "$1" && built_make "$1" -j"$(nproc)" &&
		built_make "$1" modules_install INSTALL_MOD_PATH="$dir" DEPMOD=true &&
		depmod -b "$dir" "$(built_make "$1" kernelrelease)" &&
		ln -sf "build/$image" "$dir/$image" &&
		built_make "$1" kernelrelease >"$dir/release.new" &&
		mv "$dir/release.new" "$dir/release"
}

# Only what is finished has a file "release".
built_fetch() (
	release=$(built_dir "$1")/release
	[ -e "$release" ] && exit
	need build vm kernel
	source_tree >/dev/null || exit
	lock "kernels-$1"
	[ -e "$release" ] && exit
	say "building kernel $1, which takes ten to twenty minutes, once"
	out=$(built_build "$1" 2>&1) ||
		die "kernel $1 does not build, in ${release%/*}:"$'\n'"$(tail -n 20 <<<"$out")"
)
