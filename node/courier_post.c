#include "node/courier_post.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/mem.h"

#define CONNECT_MAX_S     60L
#define SLOWEST_BYTES_S   10L /* for SLOWEST_S, or the connection counts as dead */
#define SLOWEST_S         180L
#define SENTENCE_BYTES    400
#define REPLY_MAX_BYTES   ((curl_off_t)1 << 30)
#define STATUS_OK         200
#define STATUS_DENIED     403
#define STATUS_NOTFOUND   404
#define STATUS_CONFLICT   409
#define STATUS_TOO_LARGE  413
#define STATUS_TOO_MANY   429
#define STATUS_NO_SERVICE 503

/* One exchange. What a door says that is no bundle is a sentence for people. */
struct exchange {
	CURL *curl;
	struct curl_slist *headers;
	FILE *out, *in;
	char sentence[SENTENCE_BYTES];
	size_t sentence_len;
};

static void
done(struct exchange *x)
{
	if (x->curl)
		curl_easy_cleanup(x->curl);
	curl_slist_free_all(x->headers);
	if (x->out)
		(void)fclose(x->out);
	if (x->in)
		(void)fclose(x->in);
}

static size_t
read_piece(char *to, size_t size, size_t count, void *arg)
{
	struct exchange *x = arg;
	return fread(to, 1, size * count, x->out);
}

static size_t
write_piece(char *at, size_t size, size_t count, void *arg)
{
	struct exchange *x = arg;
	long status = 0;
	size_t len = size * count;
	(void)curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == STATUS_OK)
		return fwrite(at, 1, len, x->in);
	size_t kept = MIN(len, sizeof(x->sentence) - 1 - x->sentence_len);
	memcpy(x->sentence + x->sentence_len, at, kept);
	x->sentence_len += kept;
	return len;
}

/* A sentence of a stranger: one line of plain characters. */
static const char *
plain(struct exchange *x)
{
	for (char *c = x->sentence; *c; c++) {
		if (*c == '\n' || *c == '\r') {
			*c = '\0';
			break;
		}
		if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
			*c = '?';
	}
	return x->sentence[0] == '\0' || x->sentence[0] == '<' ? "no reason given"
							       : x->sentence;
}

static enum err
refused(struct exchange *x, long status)
{
	enum err e = E_FORMAT;
	if (status == STATUS_DENIED || status == STATUS_CONFLICT)
		e = E_DENIED;
	else if (status == STATUS_TOO_LARGE)
		e = E_FULL;
	else if (status == STATUS_NOTFOUND)
		e = E_NOTFOUND;
	else if (status == STATUS_TOO_MANY || status >= STATUS_NO_SERVICE)
		e = E_BUSY;
	return fail(e, "the hub's door answered %ld: %s", status, plain(x));
}

/* A proxy without the name and the word that somebody may have put in front. */
static const char *
bare(const char *proxy)
{
	const char *at = strrchr(proxy, '@');
	return at ? at + 1 : proxy;
}

/* The proxy answers before the door can: what it did not let through is its own. */
static enum err
failed_at_proxy(CURLcode code, const struct courier_post *p, long connected)
{
	if (connected)
		return fail(E_DENIED,
			"the proxy %s does not let through to %s: it answered %ld",
			bare(p->proxy), p->url, connected);
	return fail(E_ABSENT, "the proxy %s of [courier] in node.ini cannot be reached now: %s",
		bare(p->proxy), curl_easy_strerror(code));
}

static enum err
failed(CURL *curl, CURLcode code, const struct courier_post *p)
{
	long connected = 0;
	(void)curl_easy_getinfo(curl, CURLINFO_HTTP_CONNECTCODE, &connected);
	if (p->proxy[0] && connected != STATUS_OK &&
		(code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_PROXY ||
			code == CURLE_OPERATION_TIMEDOUT || code == CURLE_RECV_ERROR ||
			code == CURLE_SEND_ERROR || code == CURLE_GOT_NOTHING ||
			code == CURLE_PROXY))
		return failed_at_proxy(code, p, connected);
	switch ((int)code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
		return fail(E_AUTH, "the certificate of %s is not accepted: %s", p->url,
			curl_easy_strerror(code));
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return fail(E_FORMAT, "[courier] of node.ini: %s", curl_easy_strerror(code));
	default:
		return fail(E_ABSENT, "%s cannot be reached now: %s", p->url,
			curl_easy_strerror(code));
	}
}

/* Options that cannot fail but by our own mistake are set without a look; those that name
 * something of the settings are looked at. */
static bool
set_address(CURL *c, const struct courier_post *p)
{
	bool ok = curl_easy_setopt(c, CURLOPT_URL, p->url) == CURLE_OK;
	ok = ok && curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK;
	/* An empty text also keeps libcurl from asking the environment. */
	ok = ok && curl_easy_setopt(c, CURLOPT_PROXY, p->proxy) == CURLE_OK;
	ok = ok && curl_easy_setopt(c, CURLOPT_PROXYTYPE, (long)CURLPROXY_HTTP) == CURLE_OK;
	ok = ok && curl_easy_setopt(c, CURLOPT_HTTPPROXYTUNNEL, 1L) == CURLE_OK;
	if (p->ca[0])
		ok = ok && curl_easy_setopt(c, CURLOPT_CAINFO, p->ca) == CURLE_OK;
	return ok;
}

static void
set_exchange(struct exchange *x, curl_off_t bytes)
{
	CURL *c = x->curl;
	x->headers = curl_slist_append(NULL, "Content-Type: application/octet-stream");
	x->headers = curl_slist_append(x->headers, "Expect:");
	(void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, x->headers);
	(void)curl_easy_setopt(c, CURLOPT_POST, 1L);
	(void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, bytes);
	(void)curl_easy_setopt(c, CURLOPT_READFUNCTION, read_piece);
	(void)curl_easy_setopt(c, CURLOPT_READDATA, x);
	(void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, write_piece);
	(void)curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
	(void)curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, REPLY_MAX_BYTES);
	(void)curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(c, CURLOPT_USERAGENT, "weir-node");
	(void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_MAX_S);
	(void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, SLOWEST_BYTES_S);
	(void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, SLOWEST_S);
}

static enum err
open_files(struct exchange *x, const char *path, const char *reply, curl_off_t *ret_bytes)
{
	struct stat s;
	x->out = fopen(path, "re");
	x->in = x->out ? fopen(reply, "we") : NULL;
	if (!x->out || !x->in || fstat(fileno(x->out), &s))
		return fail(E_IO, "%s: %m", x->out ? reply : path);
	*ret_bytes = (curl_off_t)s.st_size;
	return OK;
}

enum err
courier_post(const struct courier_post *p, const char *path, const char *reply)
{
	OWNED_BY(done) struct exchange x = {.curl = NULL};
	curl_off_t bytes = 0;
	long status = 0;
	enum err e = open_files(&x, path, reply, &bytes);
	if (e)
		return e;
	x.curl = curl_easy_init();
	if (!x.curl)
		return fail(E_IO, "libcurl does not start");
	if (!set_address(x.curl, p))
		return fail(
			E_FORMAT, "[courier] of node.ini names no address that can be used");
	set_exchange(&x, bytes);
	CURLcode code = curl_easy_perform(x.curl);
	if (code != CURLE_OK)
		return failed(x.curl, code, p);
	(void)curl_easy_getinfo(x.curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != STATUS_OK)
		return refused(&x, status);
	return fflush(x.in) ? fail(E_IO, "%s: %m", reply) : OK;
}
