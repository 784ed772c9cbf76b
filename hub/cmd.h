/* cmd - the commands of weir-hub; each file cmd_*.c shows its commands as rows of the program's
 * table.
 *
 * Every command prints a table for people and, with --json, one JSON document; refusals are one
 * sentence on standard error. Roles (gate, ledger, keeper) are started by `weir-hub run` only.
 */
#ifndef WEIR_HUB_CMD_H
#define WEIR_HUB_CMD_H

#include "common/run/program.h"

extern const struct program_command cmd_init, cmd_backup, cmd_restore, cmd_check, cmd_scrub;
extern const struct program_command cmd_backup_note, cmd_backup_forget, cmd_drain;
extern const struct program_command cmd_recovery_waive, cmd_recovery_journal, cmd_node_revoke;
extern const struct program_command cmd_erase_run, cmd_erase_list, cmd_erase_receipt,
	cmd_erase_keys;
extern const struct program_command cmd_erase_decide;
extern const struct program_command cmd_hold, cmd_hold_lift;
extern const struct program_command cmd_person_add, cmd_person_list, cmd_person_revoke;
extern const struct program_command cmd_keeper_setup;
extern const struct program_command cmd_keeper_unlock, cmd_keeper_lock, cmd_keeper_status;
extern const struct program_command cmd_keys_renew;
extern const struct program_command cmd_holder_add, cmd_holder_remove, cmd_holder_list;
extern const struct program_command cmd_form_check, cmd_form_show;
extern const struct program_command cmd_study_check, cmd_study_publish, cmd_study_verify;
extern const struct program_command cmd_study_show, cmd_study_diff;
extern const struct program_command cmd_approval_add, cmd_approval_verify, cmd_approval_list;
extern const struct program_command cmd_rules_try, cmd_rules_site;
extern const struct program_command cmd_approval_suspend, cmd_approval_withdraw;
extern const struct program_command cmd_approval_lift, cmd_approval_met;
extern const struct program_command cmd_approval_reviewed, cmd_approval_agree;
extern const struct program_command cmd_approval_figures;
extern const struct program_command cmd_site_merge, cmd_site_split, cmd_site_rename;
extern const struct program_command cmd_site_partners, cmd_site_strike, cmd_site_leave;
extern const struct program_command cmd_site_list, cmd_site_lineage;
extern const struct program_command cmd_invite, cmd_admit, cmd_invite_list;
extern const struct program_command cmd_bundle_read, cmd_bundle_write;
extern const struct program_command cmd_export;
extern const struct program_command cmd_run, cmd_status, cmd_why;
extern const struct program_command cmd_role_gate, cmd_role_ledger, cmd_role_keeper,
	cmd_role_web;
extern const struct program_command cmd_release_propose, cmd_release_show, cmd_release_approve;
extern const struct program_command cmd_release_publish, cmd_release_list;

#endif
