#include "tests/fuzz/fuzz.h"

#include "common/codec/wire_study.h"

/* Messages that unpack into plain data, and those that own memory, are tried alike. */
#define TRY_PLAIN(name)                                                                        \
	static void try_##name(struct view v, struct buf *out)                                 \
	{                                                                                      \
		struct wire_##name plain;                                                      \
		if (wire_##name##_unpack(&plain, v))                                           \
			return;                                                                \
		fuzz_must(!wire_##name##_pack(out, &plain));                                   \
		fuzz_must_repeat(out, v);                                                      \
	}
#define TRY_OWNED(name)                                                                        \
	static void try_##name(struct view v, struct buf *out)                                 \
	{                                                                                      \
		OWNED(wire_##name) struct wire_##name *owned = NULL;                           \
		if (wire_##name##_unpack(&owned, v))                                           \
			return;                                                                \
		fuzz_must(!wire_##name##_pack(out, owned));                                    \
		fuzz_must_repeat(out, v);                                                      \
	}

TRY_PLAIN(statement)
TRY_PLAIN(signed)
TRY_PLAIN(card)
TRY_PLAIN(hub_keys)
TRY_OWNED(manifest)
TRY_OWNED(signed_manifest)

static const struct {
	char letter;
	void (*try)(struct view v, struct buf *out);
} doors[] = {
	{'t', try_statement},
	{'s', try_signed},
	{'c', try_card},
	{'k', try_hub_keys},
	{'m', try_manifest},
	{'M', try_signed_manifest},
};

/* The first byte says which. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; size > 0 && i < ARRAY_LEN(doors); i++) {
		if (data[0] != doors[i].letter)
			continue;
		OWNED_BUF struct buf out = {0};
		buf_init(&out, size);
		doors[i].try(view_of(data + 1, size - 1), &out);
	}
	return 0;
}
