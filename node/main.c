/* weir-node - collects consented answers at one site and sends them, sealed, to the hub. */
#include "node/cmd.h"

int
main(int argc, char **argv)
{
	const struct program_command commands[] = {cmd_join, cmd_run, cmd_status, cmd_backup,
		cmd_restore, cmd_check, cmd_survive, cmd_log_again, cmd_scrub, cmd_erase,
		cmd_erase_receipt, cmd_erase_keys, cmd_import, cmd_optout, cmd_change,
		cmd_change_back, cmd_receipt, cmd_code_make, cmd_collector_add,
		cmd_collector_list, cmd_collector_revoke, cmd_held_list, cmd_held_show,
		cmd_held_accept, cmd_held_drop, cmd_held_drop_text, cmd_counts_show,
		cmd_counts_set, cmd_delegation_add, cmd_delegation_end, cmd_delegation_list,
		cmd_desk_unlock, cmd_desk_lock, cmd_desk_status, cmd_contact_add,
		cmd_contact_show, cmd_contact_list, cmd_contact_remove, cmd_contact_backup,
		cmd_contact_restore, cmd_handover, cmd_recovery_sheet, cmd_recovery_passphrase,
		cmd_role_sync, cmd_role_lookup, cmd_role_desk, cmd_bundle_write,
		cmd_bundle_read, cmd_bundle_send, cmd_role_intake, cmd_role_courier,
		{.name = NULL}};
	const struct program_spec spec = {
		.name = "weir-node",
		.about = "a site's side of weir",
		.commands = commands,
	};
	return program_main(&spec, argc, argv);
}
