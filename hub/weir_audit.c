/* weir-audit - checks and reads an audit log with nothing but public keys. */
#include "hub/audit_list.h"
#include "hub/audit_receipt.h"
#include "hub/audit_verify.h"

static const struct program_command commands[] = {
	{"verify", audit_verify, "check every file of a log against its signed checkpoint",
		"DIR", 1, 1, audit_verify_options, false},
	{"list", audit_list, "show what the log says, one leaf a line", "DIR", 1, 1,
		audit_list_options, false},
	{"prove", audit_prove, "print a proof that a leaf is in the log", "DIR INDEX", 2, 2,
		audit_prove_options, false},
	{"receipt", audit_receipt, "check the receipt of an erasure, signed by hub and site",
		"FILE", 1, 1, audit_receipt_options, false},
	{NULL, NULL, NULL, NULL, 0, 0, NULL, false},
};

int
main(int argc, char **argv)
{
	const struct program_spec spec = {
		.name = "weir-audit",
		.about = "verifies and reads an audit log; it trusts no hub",
		.commands = commands,
	};
	return crypto_init() ? 3 : program_main(&spec, argc, argv);
}
