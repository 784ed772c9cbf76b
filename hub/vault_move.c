#include "hub/vault_move.h"

#include "common/base/mem.h"

#include "hub/vault_inside.h"
#include "hub/vaultkeys.h"

struct vault_move {
	struct vault *vault; /* its key opens what is moved */
	struct vault_key to;
	struct buf plain, sealed; /* of the row that was copied last */
};

void
vault_move_give_up(struct vault *v)
{
	struct vault_move *m = v->move;
	v->move = NULL;
	if (!m)
		return;
	v->ops->move_give_up(v->db);
	vault_key_done(&m->to);
	buf_done(&m->plain);
	buf_done(&m->sealed);
	mem_drop(&m);
}

static struct view
seal_anew(void *arg, size_t table, struct view key, struct view sealed)
{
	struct vault_move *m = arg;
	buf_reset(&m->plain);
	buf_reset(&m->sealed);
	const enum vault_table of = (enum vault_table)table;
	enum err e = vault_open_value(&m->vault->key, of, key, sealed, &m->plain);
	if (!e)
		e = vault_seal_value(&m->to, of, key, buf_view(&m->plain), &m->sealed);
	return e ? sealed : buf_view(&m->sealed);
}

enum err
vault_move_begin(struct vault *v, uint32_t backed)
{
	const struct vaultkeys keys = vault_keys(v);
	struct vaultkeys_new next;
	vault_move_give_up(v);
	enum err e = vault_key_refresh(v);
	if (!e && v->unused == v->key.number)
		v->unused = 0;
	if (!e)
		e = vaultkeys_renew(&keys, v->unused, MAX(v->key.number, backed), &next);
	if (e)
		return e;
	v->unused = next.number;
	OWNED_SECRET struct secret *key = next.key;
	v->move = xcalloc(1, sizeof(*v->move));
	v->move->vault = v;
	v->move->to = (struct vault_key){next.number, rowkey_new(secret_bytes(key))};
	buf_init(&v->move->plain, VAULT_VALUE_MAX_BYTES);
	buf_init(&v->move->sealed, VAULT_VALUE_MAX_BYTES + AEAD_EXTRA_BYTES);
	e = v->ops->move_begin(v->db, seal_anew, v->move);
	if (e)
		vault_move_give_up(v);
	return e;
}

enum err
vault_move_step(struct vault *v, size_t bytes, bool *ret_done)
{
	*ret_done = false;
	if (!v->move)
		return fail(E_NOTFOUND, "no move of the vault is under way");
	rowkey_draw(v->move->to.row);
	enum err e = v->ops->move_step(v->db, bytes, ret_done);
	v->unused = *ret_done ? 0 : v->unused;
	if ((e && e != E_BUSY) || *ret_done)
		vault_move_give_up(v);
	return e;
}

uint32_t
vault_key_number(const struct vault *v)
{
	return v->key.number;
}

enum err
vault_destroy_keys(struct vault *v, uint32_t below, uint32_t *ret_oldest)
{
	const struct vaultkeys keys = vault_keys(v);
	struct vaultkeys_there there = {0};
	*ret_oldest = 0;
	enum err e = vaultkeys_destroy(&keys, MIN(below, v->key.number));
	if (!e)
		e = vaultkeys_look(&keys, &there);
	*ret_oldest = there.oldest;
	return e;
}
