// SPDX-License-Identifier: GPL-2.0
/* A Lua that has lua-socket's core inside. */
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

int luaopen_socket_core(lua_State *L);

int main(int argc, char **argv)
{
	lua_State *L = luaL_newstate();

	luaL_openlibs(L);
	luaL_requiref(L, "socket.core", luaopen_socket_core, 0);
	if (argc > 1 && !luaL_dofile(L, argv[1]))
		return 0;
	fprintf(stderr, "%s\n", argc > 1 ? lua_tostring(L, -1) : "no script");
	return 1;
}
