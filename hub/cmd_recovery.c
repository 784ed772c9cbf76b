#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"

#include "hub/ipc.h"
#include "hub/office.h"
#include "hub/waiver.h"

#define BODY_MAX_BYTES 4096

static enum err
run_waive(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *answer = NULL;
	OWNED_BUF struct buf body;
	struct json_out w;
	bool lifted = false;
	const char *node = program_arg(p, 0), *reason = program_value(p, "reason");
	buf_init(&body, BODY_MAX_BYTES);
	if (!reason)
		return program_usage(
			p, "--reason TEXT is needed: why nobody will hear from it");
	json_begin(&w, &body);
	json_put_object(&w, NULL);
	json_put_text(&w, "node", node);
	json_put_text(&w, "reason", reason);
	json_put_close(&w);
	enum err e = json_end(&w, "waiver");
	if (!e)
		e = office_open(&o, p);
	if (!e)
		e = office_signer(o, &by);
	const struct office_act act = {"recovery-waive", node, buf_view(&body)};
	if (!e)
		e = office_submit(o, by, &act, &answer);
	if (!e)
		e = json_get_bool(answer, "lifted", &lifted);
	if (e)
		return e;
	if (program_json(p))
		printf("{\"node\":\"%s\",\"lifted\":%s}\n", node, lifted ? "true" : "false");
	else
		printf("node %s is not waited for any more%s\n", node,
			lifted ? "; the recovery is over" : "");
	return OK;
}

/* The ledger does not run without its journal: the statement waits for its next start. */
static enum err
write_waiver(struct program *p, struct view statement, struct view body)
{
	OWNED_BUF struct buf file;
	char path[DATADIR_PATH_BYTES];
	buf_init(&file, 2 * IPC_STATEMENT_MAX_BYTES);
	buf_blob(&file, statement);
	buf_blob(&file, body);
	enum err e = buf_check(&file, "waiver");
	if (!e)
		e = datadir_path(path, program_dir(p), WAIVER_FILE);
	return e ? e : text_write_file(path, buf_view(&file), 0600);
}

/* Which loss the hub stands before, and who may waive it: the ledger wrote both when it did not
 * start (waiver.h). The ledger checks the role again. */
static enum err
read_loss(struct program *p, const char *by, char ret[static WAIVER_LOSS_LEN + 1])
{
	OWNED_MEM uint8_t *bytes = NULL;
	OWNED_MEM char *line = xasprintf("\n%s\n", by);
	char path[DATADIR_PATH_BYTES];
	size_t len = 0;
	enum err e = datadir_path(path, program_dir(p), WAIVER_LOSS_FILE);
	if (!e)
		e = text_read_file(&bytes, &len, path, WAIVER_MAX_BYTES);
	if (e == E_NOTFOUND)
		return fail(E_CONFLICT, "the hub has not missed its journal: start it, and "
					"when it says that the journal is lost, come again");
	if (!e && len <= WAIVER_LOSS_LEN)
		e = fail(E_FORMAT, "%s is not of its form", path);
	if (!e && !memmem(bytes + WAIVER_LOSS_LEN, len - WAIVER_LOSS_LEN, line, strlen(line)))
		e = fail(E_DENIED,
			"%s is no officer in office: only an officer waives the "
			"journal",
			by);
	if (e)
		return e;
	memcpy(ret, bytes, WAIVER_LOSS_LEN);
	ret[WAIVER_LOSS_LEN] = '\0';
	return OK;
}

static enum err
run_journal(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(signer) struct signer *by = NULL;
	OWNED_BUF struct buf body, statement;
	struct json_out w;
	const char *reason = program_value(p, "reason"), *id = program_value(p, "by");
	char loss[WAIVER_LOSS_LEN + 1] = "";
	buf_init(&body, BODY_MAX_BYTES);
	buf_init(&statement, IPC_STATEMENT_MAX_BYTES);
	if (!reason)
		return program_usage(p, "--reason TEXT is needed: how the journal was lost");
	if (!id)
		return program_usage(p, "--by PERSON is needed: the officer");
	enum err e = read_loss(p, id, loss);
	if (e)
		return e;
	json_begin(&w, &body);
	json_put_object(&w, NULL);
	json_put_text(&w, "reason", reason);
	json_put_text(&w, "loss", loss);
	json_put_close(&w);
	e = json_end(&w, "waiver");
	if (!e)
		e = office_open(&o, p);
	if (!e)
		e = office_signer_alone(o, &by);
	const struct office_act act = {"journal-waive", "journal", buf_view(&body)};
	if (!e)
		e = office_sign(o, by, &act, &statement);
	if (!e)
		e = write_waiver(p, buf_view(&statement), buf_view(&body));
	if (!e)
		printf("written: the next start of the hub begins a new journal and goes into "
		       "recovery; the log says who waived it. It answers this loss and no "
		       "other, and holds for a day\n");
	return e;
}

static const struct program_option journal_options[] = {
	{"reason", "TEXT", "how the journal was lost"},
	{"by", "PERSON", "the officer who answers for it"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_recovery_journal = {
	.name = "recovery journal",
	.run = run_journal,
	.help = "the journal is lost for good: let the hub start without it, within a day",
	.options = journal_options,
};

static const struct program_option options[] = {
	{"reason", "TEXT", "why nobody will hear from this node again"},
	{"by", "PERSON", "the officer who answers for it"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_recovery_waive = {
	.name = "recovery waive",
	.run = run_waive,
	.help = "after a restore: do not wait for a node that is lost",
	.args = "NODE",
	.args_min = 1,
	.args_max = 1,
	.options = options,
};
