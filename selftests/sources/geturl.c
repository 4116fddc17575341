// SPDX-License-Identifier: GPL-2.0
/* geturl URL - what is there, by libcurl; or its error, and the system's. */
#include <stdio.h>

#include <curl/curl.h>

int main(int argc, char **argv)
{
	CURL *curl;
	CURLcode code;
	long why = 0;

	if (argc != 2 || curl_global_init(CURL_GLOBAL_ALL))
		return 2;
	curl = curl_easy_init();
	curl_easy_setopt(curl, CURLOPT_URL, argv[1]);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &why);
	printf("result: %s, system: %ld\n", curl_easy_strerror(code), why);
	curl_easy_cleanup(curl);
	return code != CURLE_OK;
}
