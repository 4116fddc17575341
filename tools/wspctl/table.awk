# SPDX-License-Identifier: GPL-2.0
# What "wspctl explain" knows: the tables of the contract and of Linux's own
# answers, the module's tables of codes, and the header, as C.

function plain(s) {
	gsub(/``/, "", s)
	gsub(/\*/, "", s)
	gsub(/["\\]/, "\\\\&", s)
	return s
}

function flush_row(   id) {
	id = cell[1]
	if (id == "\\")
		id = last
	last = id
	if (cells && id ~ /^[A-Z]-[0-9][0-9]$/) {
		if (FILENAME ~ /linux\.rst$/)
			add_answer(id)
		else
			add_rule(id)
	}
	cells = 0
	split("", cell)
}

function add_rule(id) {
	order[++rules] = id
	if (cells == 5) {
		split(cell[2], word, " ")
		code[id] = word[1]
		text[id] = plain(cell[3])
		if (cell[4] != "\\")
			provoked[id] = plain(cell[4])
	} else {
		text[id] = plain(cell[2])
	}
}

# One row may have several answers, each of several parts.
function add_answer(id,   part, parts, i) {
	parts = split(plain(cell[3]), part, "; ")
	for (i = 1; i <= parts; i++) {
		sub(/the test waits in vain/, "what is waited for does not come", part[i])
		if (part[i] == "same" && id in answers || seen[id, part[i]]++)
			continue
		if (answers[id] == "same")
			answers[id] = ""
		answers[id] = answers[id] (answers[id] ? "; " : "") part[i]
	}
}

FNR == 1			{ cells = 0 }
/^   \* - /			{ flush_row(); cell[++cells] = substr($0, 8); next }
cells && /^     - /		{ cell[++cells] = substr($0, 8); next }
cells && /^       [^ ]/		{ cell[cells] = cell[cells] " " substr($0, 8); next }
cells				{ flush_row() }

# codes.c: the code of an errno, and the errno of a code
/^\t\[E[A-Z]+\][ \t]*= WSA/	{ gsub(/[\[\],]/, ""); to_code[++errnos] = $1 " " $3 }
/^\tcase WSA[A-Z]+:/		{ gsub(/[:;]/, ""); to_errno[$2] = $4 }
/^\tdefault:[ \t]*return E[A-Z]+;/ { gsub(/;/, ""); rest = $3 }

# wsp.h
/^#define WSA[A-Z_]+[ \t]+1[01][0-9][0-9][0-9]$/ { names[++codes] = $2; number[$2] = $3 }

END {
	print "/* Made by table.awk; do not edit. */"
	print "static const struct rule rules[] = {"
	for (i = 1; i <= rules; i++) {
		id = order[i]
		printf "\t{ \"%s\", \"%s\", \"%s\", \"%s\", \"%s\" },\n", id,
			code[id], text[id], provoked[id], answers[id]
		row[code[id]] = id
	}
	print "\t{ 0 }\n};\n\nstatic const struct code codes[] = {"
	for (i = 1; i <= codes; i++) {
		name = names[i]
		errno = to_errno[name]
		if (!errno)
			errno = row[name] ? rest : 0
		printf "\t{ \"%s\", %s, %s, \"%s\" },\n", name, number[name],
			errno, name == "WSAEINTR" ? "C-12" : row[name]
	}
	print "\t{ 0 }\n};\n\nstatic const struct mapping mappings[] = {"
	for (i = 1; i <= errnos; i++) {
		split(to_code[i], word, " ")
		printf "\t{ %s, \"%s\" },\n", word[1], word[2]
	}
	print "\t{ 0 }\n};"
}
