/* cmd - the commands of weir-node; each file cmd_*.c shows its commands as rows of the
 * program's table.
 *
 * Every command prints lines for people and, with --json, one JSON document; refusals are one
 * sentence on standard error. Roles (sync, desk) are started by `weir-node run` only.
 */
#ifndef WEIR_NODE_CMD_H
#define WEIR_NODE_CMD_H

#include "common/run/program.h"

extern const struct program_command cmd_join, cmd_run, cmd_status;
extern const struct program_command cmd_backup, cmd_restore, cmd_check, cmd_survive,
	cmd_log_again;
extern const struct program_command cmd_scrub, cmd_erase, cmd_erase_receipt, cmd_erase_keys;
extern const struct program_command cmd_handover, cmd_recovery_sheet, cmd_recovery_passphrase;
extern const struct program_command cmd_import, cmd_change, cmd_change_back, cmd_receipt;
extern const struct program_command cmd_code_make, cmd_counts_show, cmd_counts_set;
extern const struct program_command cmd_optout;
extern const struct program_command cmd_delegation_add, cmd_delegation_end;
extern const struct program_command cmd_delegation_list;
extern const struct program_command cmd_collector_add, cmd_collector_list;
extern const struct program_command cmd_collector_revoke;
extern const struct program_command cmd_held_list, cmd_held_show, cmd_held_accept;
extern const struct program_command cmd_held_drop, cmd_held_drop_text;
extern const struct program_command cmd_desk_unlock, cmd_desk_lock, cmd_desk_status;
extern const struct program_command cmd_contact_add, cmd_contact_show, cmd_contact_list;
extern const struct program_command cmd_contact_remove, cmd_contact_backup;
extern const struct program_command cmd_contact_restore;
extern const struct program_command cmd_role_sync, cmd_role_desk, cmd_role_intake;
extern const struct program_command cmd_role_lookup;
extern const struct program_command cmd_bundle_write, cmd_bundle_read, cmd_bundle_send;
extern const struct program_command cmd_role_courier;

#endif
