/* weir-node - collects consented answers at one site and sends them, sealed, to the hub. */
#include "node/cmd.h"

int
main(int argc, char **argv)
{
	const struct program_command commands[] = {cmd_join, cmd_run, cmd_status, cmd_import,
		cmd_withdraw, cmd_desk_unlock, cmd_desk_lock, cmd_desk_status, cmd_role_sync,
		cmd_role_desk, cmd_role_intake, {.name = NULL}};
	const struct program_spec spec = {
		.name = "weir-node",
		.about = "a site's side of weir",
		.commands = commands,
	};
	return program_main(&spec, argc, argv);
}
