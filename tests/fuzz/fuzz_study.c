#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/pack.h"
#include "common/study/rules.h"

#define STUDY_DIR            WEIR_SOURCE_DIR "/tests/integration/openrosa/study"
#define DOCUMENTS_MOST_COUNT 64
#define FORMS                "forms/"

/* The study whose files the inputs take the place of; read once a process. */
static const struct pack *
whole_study(void)
{
	static struct pack *study;
	OWNED(faults) struct faults *faults = faults_new();
	fuzz_must(study || !pack_load(&study, STUDY_DIR, faults));
	return study;
}

/* A study with other bytes in one file is taken, or refused with at least one fault. Its forms,
 * which have fuzzers of their own and take the most time, are left out. */
static void
try_instead_of(const char *name, struct view bytes)
{
	size_t count = 0, taken = 0;
	const struct pack_document *whole = pack_documents(whole_study(), &count);
	struct pack_document all[DOCUMENTS_MOST_COUNT];
	OWNED(pack) struct pack *p = NULL;
	OWNED(faults) struct faults *faults = faults_new();
	fuzz_must(count <= DOCUMENTS_MOST_COUNT);
	for (size_t i = 0; i < count; i++) {
		if (strncmp(whole[i].name, FORMS, strlen(FORMS)) == 0)
			continue;
		all[taken] = whole[i];
		if (strcmp(whole[i].name, name) == 0)
			all[taken].bytes = bytes;
		taken++;
	}
	enum err e = pack_load_documents(&p, all, taken, faults);
	fuzz_must(!e == (p != NULL));
	fuzz_must(!e || faults_check(faults) || e != E_FORMAT);
}

static void
try_rules(struct view text)
{
	OWNED(rules) struct rules *r = NULL;
	OWNED(faults) struct faults *faults = faults_new();
	r = rules_read(text, "rules.ini", faults);
	fuzz_must((r == NULL) == (faults_check(faults) != OK));
}

/* The first byte says which file it is: rules alone, or one of the study's. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct view v = view_of(data + 1, size - 1);
	if (data[0] == 'r')
		try_rules(v);
	else if (data[0] == 's')
		try_instead_of("study.ini", v);
	else if (data[0] == 'c')
		try_instead_of("sites.csv", v);
	else
		try_instead_of("codebook.csv", v);
	return 0;
}
