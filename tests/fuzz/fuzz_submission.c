#include "tests/fuzz/fuzz.h"

#include "common/study/submission.h"

static const char form_xml[] =
	"<h:html xmlns='http://www.w3.org/2002/xforms' xmlns:h='http://www.w3.org/1999/xhtml' "
	"xmlns:jr='http://openrosa.org/javarosa'><h:head><model><instance><data id='f'><a/><d/>"
	"<p/><s/><g><b/></g><r><c/><i><t/></i></r><n/><meta><instanceID/><audit/></meta></data>"
	"</instance><instance id='l'><root><item><name>x</name></item></root></instance>"
	"<bind nodeset='/data/a' type='int' constraint='. &lt; 9' required='true()'/>"
	"<bind nodeset='/data/d' type='dateTime' constraint='. &lt; now()'/>"
	"<bind nodeset='/data/p' type='geotrace' constraint='distance(.) &lt; 9'/>"
	"<bind nodeset='/data/g' relevant='/data/a &gt; 1'/>"
	"<bind nodeset='/data/r/c' constraint=\"regex(., '[a-z]+') and position(..) &lt; 3\"/>"
	"<bind nodeset='/data/r/i/t' relevant='../../c != string(/data/r[1]/c)'/>"
	"</model></h:head><h:body><input ref='/data/a'/><input ref='/data/d'/>"
	"<input ref='/data/p'/><select ref='/data/s'><itemset "
	"nodeset=\"instance('l')/root/item["
	"name != /data/a]\"><value ref='name'/></itemset></select><upload ref='/data/g/b'/>"
	"<repeat nodeset='/data/r' jr:count='/data/n'><input ref='/data/r/c'/>"
	"<repeat nodeset='/data/r/i'><input ref='/data/r/i/t'/></repeat></repeat>"
	"<input ref='/data/n'/></h:body></h:html>";

static struct form *
form_once(void)
{
	static struct form *form;
	const struct xform_source source = {.xml = view_text(form_xml), .name = "f.xml"};
	OWNED(faults) struct faults *faults = faults_new();
	if (!form)
		fuzz_must(form_read(&form, &source, faults) == OK);
	return form;
}

/* Checked twice it gives the same; every answer has a path. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct submission_context context = {.now_ms = 1795341600000};
	struct submission_report first = {.count = 0}, second = {.count = 0};
	OWNED(submission) struct submission *s = NULL;
	size_t count, again;
	if (submission_parse(&s, view_of(data, size)) != OK)
		return 0;
	enum err e = submission_check(s, form_once(), &context, &first);
	const struct submission_answer *a = submission_answers(s, &count);
	for (size_t i = 0; i < count; i++)
		fuzz_must(*a[i].path && a[i].value);
	fuzz_must(submission_check(s, form_once(), &context, &second) == e);
	(void)submission_answers(s, &again);
	fuzz_must(first.count == second.count && count == again);
	submission_report_done(&first);
	submission_report_done(&second);
	return 0;
}
