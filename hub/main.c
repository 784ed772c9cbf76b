/* weir-hub - receives consented data of many sites, adds it up only where governance allows. */
#include "hub/cmd.h"

int
main(int argc, char **argv)
{
	const struct program_command commands[] = {cmd_init, cmd_run, cmd_status, cmd_why,
		cmd_backup, cmd_restore, cmd_check, cmd_scrub, cmd_recovery_waive,
		cmd_recovery_journal, cmd_backup_note, cmd_backup_forget, cmd_drain,
		cmd_node_revoke, cmd_erase_run, cmd_erase_list, cmd_erase_receipt,
		cmd_erase_keys, cmd_erase_decide, cmd_hold, cmd_hold_lift, cmd_bundle_read,
		cmd_bundle_write, cmd_person_add, cmd_person_list, cmd_person_revoke,
		cmd_keeper_setup, cmd_keeper_unlock, cmd_keeper_lock, cmd_keeper_status,
		cmd_keys_renew, cmd_holder_add, cmd_holder_remove, cmd_holder_list,
		cmd_form_check, cmd_form_show, cmd_study_check, cmd_study_publish,
		cmd_study_verify, cmd_study_show, cmd_study_diff, cmd_approval_add,
		cmd_approval_verify, cmd_approval_list, cmd_approval_suspend,
		cmd_approval_withdraw, cmd_approval_lift, cmd_approval_met,
		cmd_approval_reviewed, cmd_approval_agree, cmd_approval_figures, cmd_rules_try,
		cmd_rules_site, cmd_site_list, cmd_site_lineage, cmd_site_merge, cmd_site_split,
		cmd_site_rename, cmd_site_partners, cmd_site_strike, cmd_site_leave, cmd_invite,
		cmd_invite_list, cmd_admit, cmd_release_propose, cmd_release_show,
		cmd_release_approve, cmd_release_publish, cmd_release_list, cmd_export,
		cmd_role_gate, cmd_role_ledger, cmd_role_keeper, cmd_role_web, {.name = NULL}};
	const struct program_spec spec = {
		.name = "weir-hub",
		.about = "the research team's side of weir",
		.commands = commands,
	};
	return program_main(&spec, argc, argv);
}
