#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is typed in Documentation/tutorial.rst gives what is shown there, and what README.md
# shows of the demonstration is what it prints.

# shellcheck source-path=SCRIPTDIR source=wsp_tap.sh
. "$(dirname "$0")/wsp_tap.sh"

# A network and a /tmp of one's own.
if [ -z "$WSP_TUTORIAL" ]; then
	[ "$(id -u)" = 0 ] || skip_all "only root can make a namespace"
	WSP_TUTORIAL=1 exec unshare -nm "$0"
fi

cd "$(dirname "$0")/.." || exit
[ -f Documentation/tutorial.rst ] || skip_all "no tutorial; run it in the source tree"
[ -d /sys/module/wspfam ] || skip_all "the module is not loaded; insmod wspfam.ko"
for tool in cc make perl ss; do
	command -v $tool >/dev/null || skip_all "no $tool; install it"
done
ip link set lo up || skip_all "cannot bring up the loopback interface"
# The tree may be below /tmp itself.
mount --bind . /mnt || skip_all "cannot mount the tree"
cd /mnt || exit
mount -t tmpfs none /tmp || skip_all "cannot mount a /tmp"

awk '/code-block:: console/ { on = 1; next }
	on && /^\t/ { sub(/^\t/, ""); print; next }
	NF { on = 0 }' Documentation/tutorial.rst >/tmp/shown

# The same transcript, of commands that are run.
play() {
	while IFS= read -r line <&9; do
		case $line in '# '*) ;; *) continue ;; esac
		echo "$line"
		eval "${line#??}"
	done 9</tmp/shown >/tmp/seen 2>&1
}

as_shown() {
	grep -q '^# ' /tmp/shown || fail "the tutorial has no commands"
	play
	diff /tmp/shown /tmp/seen >/tmp/diff || fail "not what the tutorial shows (<)"
	sed 's/^/#   /' /tmp/diff
}

demo_as_shown() {
	make -s -C tools/demo >/tmp/log 2>&1 || fail "does not build: $(tail -n 1 /tmp/log)"
	tools/demo/wsp-demo >/tmp/demo || fail "status $?"
	awk '/^```/ { on = $0 == "```text"; next } on' README.md >/tmp/part
	grep -q . /tmp/part || fail "README.md shows nothing of it"
	grep -vxFf /tmp/demo /tmp/part | sed 's/^/#   /' | grep . && fail "not what it prints"
}

run_tests as_shown demo_as_shown
