// libcurl, loaded when it is first needed: it brings some twenty libraries, which a replay has no use for and would
// take longer to load than most captures take to audit. Its options take arguments of any type, which Swift cannot
// pass; here each has its type.
#pragma once
#include <curl/curl.h>

// 0, or -1 where libcurl is not there. Any thread may call it, any number of times; the functions below want it done.
int http_load(void);

CURL *http_open(void);
void http_close(CURL *handle);
CURLcode http_perform(CURL *handle);
const char *http_error(CURLcode code);
long http_status(CURL *handle);

// NULL where there is no memory; the list is then as it was.
struct curl_slist *http_append(struct curl_slist *list, const char *field);
void http_free(struct curl_slist *list);

CURLcode http_set_long(CURL *handle, CURLoption option, long value);
CURLcode http_set_text(CURL *handle, CURLoption option, const char *value);
CURLcode http_set_fields(CURL *handle, struct curl_slist *fields);
// The bytes are copied.
CURLcode http_set_body(CURL *handle, const void *bytes, long count);

typedef size_t (*http_receiver)(char *bytes, size_t size, size_t count, void *context);
// Calls `body` with what arrives, and `head` with each line before it.
CURLcode http_set_receivers(
    CURL *handle, http_receiver body, http_receiver head, void *context);
