#include "CCurl.h"
#include <dlfcn.h>
#include <pthread.h>

static struct {
  int is_ready;
  CURL *(*init)(void);
  void (*cleanup)(CURL *);
  CURLcode (*perform)(CURL *);
  const char *(*strerror)(CURLcode);
  CURLcode (*getinfo)(CURL *, CURLINFO, ...);
  CURLcode (*setopt)(CURL *, CURLoption, ...);
  struct curl_slist *(*append)(struct curl_slist *, const char *);
  void (*free_all)(struct curl_slist *);
} curl;

static void load(void) {
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  CURLcode (*global_init)(long);
  *(void **)&global_init = dlsym(library, "curl_global_init");
  *(void **)&curl.init = dlsym(library, "curl_easy_init");
  *(void **)&curl.cleanup = dlsym(library, "curl_easy_cleanup");
  *(void **)&curl.perform = dlsym(library, "curl_easy_perform");
  *(void **)&curl.strerror = dlsym(library, "curl_easy_strerror");
  *(void **)&curl.getinfo = dlsym(library, "curl_easy_getinfo");
  *(void **)&curl.setopt = dlsym(library, "curl_easy_setopt");
  *(void **)&curl.append = dlsym(library, "curl_slist_append");
  *(void **)&curl.free_all = dlsym(library, "curl_slist_free_all");
  curl.is_ready = global_init && curl.init && curl.cleanup && curl.perform && curl.strerror && curl.getinfo &&
                  curl.setopt && curl.append && curl.free_all && global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

int http_load(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return curl.is_ready ? 0 : -1;
}

CURL *http_open(void) { return curl.init(); }
void http_close(CURL *handle) { curl.cleanup(handle); }
CURLcode http_perform(CURL *handle) { return curl.perform(handle); }
const char *http_error(CURLcode code) { return curl.strerror(code); }

long http_status(CURL *handle) {
  long status = 0;
  curl.getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

struct curl_slist *http_append(struct curl_slist *list, const char *field) { return curl.append(list, field); }
void http_free(struct curl_slist *list) { curl.free_all(list); }

CURLcode http_set_long(CURL *handle, CURLoption option, long value) { return curl.setopt(handle, option, value); }

CURLcode http_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl.setopt(handle, option, value);
}

CURLcode http_set_fields(CURL *handle, struct curl_slist *fields) {
  return curl.setopt(handle, CURLOPT_HTTPHEADER, fields);
}

CURLcode http_set_body(CURL *handle, const void *bytes, long count) {
  CURLcode code = curl.setopt(handle, CURLOPT_POSTFIELDSIZE, count);
  return code != CURLE_OK ? code : curl.setopt(handle, CURLOPT_COPYPOSTFIELDS, bytes);
}

CURLcode http_set_receivers(CURL *handle, http_receiver body, http_receiver head, void *context) {
  CURLcode code = curl.setopt(handle, CURLOPT_WRITEFUNCTION, body);
  if (code == CURLE_OK) code = curl.setopt(handle, CURLOPT_WRITEDATA, context);
  if (code == CURLE_OK) code = curl.setopt(handle, CURLOPT_HEADERFUNCTION, head);
  if (code == CURLE_OK) code = curl.setopt(handle, CURLOPT_HEADERDATA, context);
  return code;
}
