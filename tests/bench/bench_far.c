#include "tests/bench/bench_far.h"

#include <libgen.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/mem.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_keys.h"

#define PATH_BYTES      512
#define ARGUMENTS_BYTES 512

static bool
admit(void *arg, const uint8_t client[static BOX_PUBLIC_BYTES])
{
	(void)arg;
	(void)client;
	return true;
}

void
bench_far_open(struct bench_far *f, reactor_fn *on_message, void *arg)
{
	OWNED_SECRET struct secret *key = bench_secret(BENCH_HUB, BENCH_TRANSPORT);
	const struct link_server server = {
		.address = "tcp://127.0.0.1:*", .key = key, .admit = admit};
	bench_must(reactor_open(&f->reactor), "loop");
	f->context = link_context_new();
	bench_must(link_serve_curve(&f->link, f->context, &server), "serve");
	link_watch(f->link, f->reactor, on_message, arg);
}

char *
bench_node_command(const char *arguments)
{
	char self[PATH_BYTES] = "";
	bench_zero(readlink("/proc/self/exe", self, sizeof(self) - 1) <= 0, "own path");
	return xasprintf("'%s/bench_node' %s", dirname(self), arguments);
}

static void
on_line(struct reactor *r, void *arg)
{
	struct bench_far *f = arg;
	if (!fgets(f->line, sizeof(f->line), f->pipe))
		bench_zero(1, "bench_node said nothing");
	reactor_stop(r);
}

double
bench_far_run(struct bench_far *f, const char *format, ...)
{
	char arguments[ARGUMENTS_BYTES];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(arguments, sizeof(arguments), format, args);
	va_end(args);
	OWNED_MEM char *command = bench_node_command(arguments);
	f->pipe = popen(command, "re");
	bench_zero(f->pipe == NULL, "bench_node");
	reactor_fd(f->reactor, fileno(f->pipe), REACTOR_READ, on_line, f);
	bench_must(reactor_run(f->reactor), "turn");
	reactor_fd_drop(f->reactor, fileno(f->pipe));
	bench_zero(pclose(f->pipe), "bench_node");
	link_free(f->link);
	reactor_free(f->reactor);
	link_context_free(f->context);
	return strtod(f->line, NULL);
}
