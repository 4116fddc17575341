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

_wspctl() {
	local at words cur=${COMP_WORDS[COMP_CWORD]}

	COMPREPLY=()
	at=$(_wspctl_word 1)
	if ((at >= COMP_CWORD)); then
		words='run status sockets events connect explain doctor'
		[[ $cur != -* ]] || words='-j --json -h --help -V --version'
		at=0
	fi
	case ${COMP_WORDS[at]} in
	run | events)
		words='--strict --seccomp --'
		[[ ${COMP_WORDS[at]} = run ]] || words='--json --follow --all --count --'
		if [[ $cur != -* || $(_wspctl_word $((at + 1))) -lt $COMP_CWORD ]]; then
			_command_offset "$(_wspctl_word $((at + 1)))"
			return
		fi
		;;
	connect)
		words='--udp --nonblock --timeout --ipv4 --ipv6 --json'
		if [[ $cur != -* ]]; then
			_known_hosts_real -- "$cur"
			return
		fi
		;;
	explain) words="--json --list $(wspctl explain --list 2>/dev/null)" ;;
	status | sockets | doctor) words='--json' ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _wspctl wspctl
