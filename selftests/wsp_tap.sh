# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What the shell tests share. A test is a function, which calls fail for each
# thing that is wrong.

KSFT_SKIP=4

skip_all() {
	echo "1..0 # SKIP $*"
	exit $KSFT_SKIP
}

why=
fail() {
	echo "# $*"
	why=$*
}

# count COUNTER: of this network namespace's
count() { awk -v name="$1" '$1 == name { print $2 }' /proc/net/wsp_stat; }

# Why there is nothing to test.
skipped=
skip() { skipped=$*; }

# A result: the test's name, after its checks.
failed=0 number=0
report() {
	number=$((number + 1))
	if [ -z "$why" ]; then
		echo "ok $number $1${skipped:+ # SKIP $skipped}"
	else
		echo "not ok $number $1"
		failed=$((failed + 1))
	fi
	why='' skipped=
}

# run_tests NAME..., of which WSP_TESTS="NAME ..." picks some
run_tests() {
	# shellcheck disable=SC2086 # names
	[ -z "${WSP_TESTS-}" ] || set -- $WSP_TESTS
	echo "TAP version 13"
	echo "1..$#"
	for test; do
		command -v "$test" >/dev/null || fail "there is no such test"
		"$test"
		report "$test"
	done
	[ $failed = 0 ]
}
