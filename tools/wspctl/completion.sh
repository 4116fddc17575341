# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# bash completion for wspctl, installed as "wspctl"

# The first word from $1 on that is no option, nor an option's value.
_wspctl_word() {
	local i=$1

	while ((i < COMP_CWORD)); do
		case ${COMP_WORDS[i]} in
		--) ((i++)) && break ;;
		-n | --count) ((i += 2)) ;;
		-*) ((i++)) ;;
		*) break ;;
		esac
	done
	echo "$i"
}

# Words that begin so, in capitals or not, as what "explain" takes.
_wspctl_named() {
	local word

	for word; do
		[[ ${word,,} != "${cur,,}"* ]] || COMPREPLY+=("$word")
	done
}

_wspctl() {
	local at verb words found cur=${COMP_WORDS[COMP_CWORD]}
	local verbs='run status sockets events connect explain doctor help'

	COMPREPLY=()
	at=$(_wspctl_word 1)
	if ((at >= COMP_CWORD)); then
		words=$verbs
		[[ $cur != -* ]] || words='-j --json -h --help -V --version'
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
	fi
	# What is shortened is whole if it can be one verb only.
	mapfile -t found < <(compgen -W "$verbs" -- "${COMP_WORDS[at]}")
	((${#found[@]} == 1)) || return
	verb=${found[0]}
	case $verb in
	run | events)
		words='--strict --seccomp --help --'
		[[ $verb = run ]] || words='--json --follow --all --count --help --'
		if [[ $cur != -* || $(_wspctl_word $((at + 1))) -lt $COMP_CWORD ]]; then
			_command_offset "$(_wspctl_word $((at + 1)))"
			return
		fi
		;;
	connect)
		words='--udp --nonblock --timeout --ipv4 --ipv6 --json --help'
		if [[ $cur != -* ]]; then
			_known_hosts_real -- "$cur"
			return
		fi
		;;
	explain)
		words='--json --list --help'
		if [[ $cur != -* ]]; then
			mapfile -t found < <(wspctl explain --list 2>/dev/null)
			_wspctl_named "${found[@]}"
			return
		fi
		;;
	status | sockets | doctor) words='--json --help' ;;
	help) words=$verbs ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _wspctl wspctl
