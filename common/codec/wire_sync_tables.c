#include "common/codec/wire_sync_tables.h"

#include "sync.pb-c.h"

/* Numbers of entries stay far below where sums of them could wrap. */
#define SEQ_MOST          (UINT64_MAX >> 2)
#define ANY_U64           UINT64_MAX
#define ANY_U32           UINT32_MAX
#define CONFIG_MOST_BYTES ((uint64_t)64 * 1024 * 1024)
#define ROW(T, t, f, type, least, most)                                                        \
	{                                                                                      \
#f, type, offsetof(T, f), offsetof(struct t, f), 0, 0, least, most, NULL       \
	}
/* A field that has another name on our side. */
#define ROW_AS(T, f, t, g, type, least, most)                                                  \
	{                                                                                      \
#f, type, offsetof(T, f), offsetof(struct t, g), 0, 0, least, most, NULL       \
	}
#define ROW_LANES(T, t, f, type)                                                               \
	{                                                                                      \
#f, type, offsetof(T, f), offsetof(struct t, f), offsetof(T, n_##f), 0, 0, 0,  \
			NULL                                                                   \
	}
#define ROW_IN(T, t, f, type, there, table)                                                    \
	{                                                                                      \
#f, type, offsetof(T, f), offsetof(struct t, f), 0, there, 0, 0, table         \
	}
#define TABLE(name, t, what, lower)                                                            \
	static const struct wire_table name = {what, &weir__##lower##__descriptor,             \
		sizeof(struct t), name##_rows, ARRAY_LEN(name##_rows)}

#define T Weir__SyncOffer
static const struct wire_row offer_rows[] = {
	ROW(T, sync_offer, number, ROW_U64, 0, SEQ_MOST),
	ROW(T, sync_offer, hash, ROW_NULLED, 0, WIRE_HASH_BYTES),
	ROW_AS(T, length, sync_offer, length_bytes, ROW_U64, 0, CONFIG_MOST_BYTES),
};
TABLE(offer, sync_offer, "offer", sync_offer);
#undef T

#define T Weir__SyncReceipt
static const struct wire_row receipt_rows[] = {
	ROW(T, sync_receipt, epoch, ROW_U64, 0, ANY_U64),
	ROW(T, sync_receipt, writer, ROW_FIXED, 0, WIRE_KEY_BYTES),
	ROW(T, sync_receipt, incarnation, ROW_U32, 1, ANY_U32),
	ROW(T, sync_receipt, lane, ROW_U8, LANE_C, LANE_A),
	ROW_AS(T, seq, sync_receipt, mark.seq, ROW_U64, 1, SEQ_MOST),
	ROW_AS(T, head, sync_receipt, mark.head, ROW_FIXED, 0, WIRE_HASH_BYTES),
	ROW_AS(T, checkpoint_size, sync_receipt, checkpoint.seq, ROW_U64, 0, SEQ_MOST),
	ROW_AS(T, checkpoint_root, sync_receipt, checkpoint.head, ROW_NULLED, 0,
		WIRE_HASH_BYTES),
	ROW(T, sync_receipt, wall_ms, ROW_I64, 0, 0),
	ROW(T, sync_receipt, transcript, ROW_FIXED, 0, WIRE_HASH_BYTES),
	ROW(T, sync_receipt, signature, ROW_FIXED, 0, WIRE_SIGNATURE_BYTES),
};
TABLE(receipt, sync_receipt, "receipt", sync_receipt);
#undef T

#define T Weir__SyncHello
static const struct wire_row hello_rows[] = {
	ROW(T, sync_hello, proto_min, ROW_U32, 1, ANY_U32),
	ROW(T, sync_hello, proto_max, ROW_U32, 1, ANY_U32),
	ROW(T, sync_hello, features, ROW_U64, 0, ANY_U64),
	ROW(T, sync_hello, writer, ROW_FIXED, 0, WIRE_KEY_BYTES),
	ROW(T, sync_hello, incarnation, ROW_U32, 1, ANY_U32),
	ROW(T, sync_hello, nonce, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_hello, token, ROW_NULLED, 0, WIRE_ID_BYTES),
	ROW_LANES(T, sync_hello, last, ROW_MARKS),
	ROW_LANES(T, sync_hello, acked, ROW_U64S),
	ROW(T, sync_hello, config, ROW_U64, 0, SEQ_MOST),
	ROW(T, sync_hello, receipts, ROW_VIEW, 0, SYNC_RECEIPTS_MAX_BYTES),
	ROW_AS(T, checkpoint_size, sync_hello, checkpoint.seq, ROW_U64, 0, SEQ_MOST),
	ROW_AS(T, checkpoint_root, sync_hello, checkpoint.head, ROW_NULLED, 0, WIRE_HASH_BYTES),
	ROW(T, sync_hello, wall_ms, ROW_I64, 0, 0),
	ROW(T, sync_hello, build, ROW_TEXT, 0, SYNC_NAME_MAX_BYTES),
	ROW(T, sync_hello, survivor, ROW_BOOL, 0, 0),
	ROW(T, sync_hello, more, ROW_BOOL, 0, 0),
	ROW(T, sync_hello, base_incarnation, ROW_U32, 0, ANY_U32),
	ROW_LANES(T, sync_hello, base_last, ROW_MARKS),
};
TABLE(hello, sync_hello, "hello", sync_hello);
#undef T

#define T Weir__SyncWelcomeBody
static const struct wire_row welcome_rows[] = {
	ROW(T, sync_welcome, proto, ROW_U32, 0, ANY_U32),
	ROW(T, sync_welcome, features, ROW_U64, 0, ANY_U64),
	ROW(T, sync_welcome, nonce, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_welcome, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_welcome, next_token, ROW_NULLED, 0, WIRE_ID_BYTES),
	ROW(T, sync_welcome, epoch, ROW_U64, 0, ANY_U64),
	ROW(T, sync_welcome, mode, ROW_U32, SYNC_NORMAL, SYNC_DRAIN),
	ROW(T, sync_welcome, verdict, ROW_U32, SYNC_OK, SYNC_OLDER),
	ROW_LANES(T, sync_welcome, durable, ROW_MARKS),
	ROW_LANES(T, sync_welcome, retained, ROW_U64S),
	ROW_IN(T, sync_welcome, config, ROW_SUB, 0, &offer),
	ROW_AS(T, checkpoint_size, sync_welcome, checkpoint.seq, ROW_U64, 0, SEQ_MOST),
	ROW_AS(T, checkpoint_root, sync_welcome, checkpoint.head, ROW_NULLED, 0,
		WIRE_HASH_BYTES),
	ROW_AS(T, credit, sync_welcome, credit_bytes, ROW_U32, 0, SYNC_CREDIT_MAX_BYTES),
	ROW(T, sync_welcome, wall_ms, ROW_I64, 0, 0),
	ROW(T, sync_welcome, retry_after_ms, ROW_U32, 0, ANY_U32),
	ROW(T, sync_welcome, incarnation, ROW_U32, 1, ANY_U32),
	ROW(T, sync_welcome, opens, ROW_U32, 0, ANY_U32),
};
TABLE(welcome, sync_welcome, "welcome", sync_welcome_body);
#undef T

#define T Weir__SyncWelcome
static const struct wire_row envelope_rows[] = {
	ROW(T, sync_welcome, body, ROW_VIEW, 1, SYNC_WELCOME_MAX_BYTES),
	ROW(T, sync_welcome, signature, ROW_FIXED, 0, WIRE_SIGNATURE_BYTES),
};
TABLE(envelope, sync_welcome, "welcome", sync_welcome);
#undef T

#define T Weir__SyncReady
static const struct wire_row ready_rows[] = {
	ROW(T, sync_ready, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_ready, control_last, ROW_U64, 0, SEQ_MOST),
	ROW(T, sync_ready, config, ROW_U64, 0, SEQ_MOST),
	ROW(T, sync_ready, signature, ROW_FIXED, 0, WIRE_SIGNATURE_BYTES),
};
TABLE(ready, sync_ready, "ready", sync_ready);
#undef T

#define T Weir__SyncBatch
static const struct wire_row batch_rows[] = {
	ROW(T, sync_batch, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_batch, lane, ROW_U8, LANE_C, LANE_A),
	ROW(T, sync_batch, first, ROW_U64, 1, SEQ_MOST),
	ROW(T, sync_batch, control_floor, ROW_U64, 0, SEQ_MOST),
	{"entries", ROW_ENTRIES, offsetof(T, entries), offsetof(struct sync_batch, entries),
		offsetof(T, n_entries), offsetof(struct sync_batch, count), 0, 0, NULL},
	ROW(T, sync_batch, head, ROW_FIXED, 0, WIRE_HASH_BYTES),
	ROW(T, sync_batch, signature, ROW_FIXED, 0, WIRE_SIGNATURE_BYTES),
	ROW(T, sync_batch, incarnation, ROW_U32, 0, ANY_U32),
};
TABLE(batch, sync_batch, "batch", sync_batch);
#undef T

#define T Weir__SyncAck
static const struct wire_row ack_rows[] = {
	ROW(T, sync_ack, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW_LANES(T, sync_ack, durable, ROW_MARKS),
	ROW_LANES(T, sync_ack, retained, ROW_U64S),
	ROW_AS(T, credit, sync_ack, credit_bytes, ROW_U32, 0, SYNC_CREDIT_MAX_BYTES),
	ROW_IN(T, sync_ack, config, ROW_SUB, 0, &offer),
	ROW_IN(T, sync_ack, receipt, ROW_OPTION, offsetof(struct sync_ack, has_receipt),
		&receipt),
};
TABLE(ack, sync_ack, "ack", sync_ack);
#undef T

#define T Weir__SyncNack
static const struct wire_row nack_rows[] = {
	ROW(T, sync_nack, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_nack, lane, ROW_U8, LANE_C, LANE_A),
	ROW(T, sync_nack, code, ROW_U32, SYNC_NACK_GAP, SYNC_NACK_FORK),
	ROW(T, sync_nack, expect_seq, ROW_U64, 1, SEQ_MOST),
	ROW(T, sync_nack, expect_head, ROW_NULLED, 0, WIRE_HASH_BYTES),
};
TABLE(nack, sync_nack, "nack", sync_nack);
#undef T

#define T Weir__SyncCfgGet
static const struct wire_row cfg_get_rows[] = {
	ROW(T, sync_cfg_get, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_cfg_get, hash, ROW_FIXED, 0, WIRE_HASH_BYTES),
	ROW_AS(T, offset, sync_cfg_get, offset_bytes, ROW_U64, 0, CONFIG_MOST_BYTES),
	ROW_AS(T, length, sync_cfg_get, length_bytes, ROW_U32, 1, SYNC_CFG_PART_BYTES),
};
TABLE(cfg_get, sync_cfg_get, "config request", sync_cfg_get);
#undef T

#define T Weir__SyncCfgPart
static const struct wire_row cfg_part_rows[] = {
	ROW(T, sync_cfg_part, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_cfg_part, hash, ROW_FIXED, 0, WIRE_HASH_BYTES),
	ROW_AS(T, offset, sync_cfg_part, offset_bytes, ROW_U64, 0, CONFIG_MOST_BYTES),
	ROW_AS(T, total, sync_cfg_part, total_bytes, ROW_U64, 0, CONFIG_MOST_BYTES),
	ROW(T, sync_cfg_part, bytes, ROW_VIEW, 0, SYNC_CFG_PART_BYTES),
};
TABLE(cfg_part, sync_cfg_part, "config part", sync_cfg_part);
#undef T

#define T Weir__SyncCfgAck
static const struct wire_row cfg_ack_rows[] = {
	ROW(T, sync_cfg_ack, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_cfg_ack, number, ROW_U64, 0, SEQ_MOST),
	ROW(T, sync_cfg_ack, applied, ROW_BOOL, 0, 0),
};
TABLE(cfg_ack, sync_cfg_ack, "config answer", sync_cfg_ack);
#undef T

#define T Weir__SyncPing
static const struct wire_row ping_rows[] = {
	ROW(T, sync_ping, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_ping, t1_ms, ROW_I64, 0, 0),
	ROW_LANES(T, sync_ping, marks, ROW_U64S),
};
TABLE(ping, sync_ping, "ping", sync_ping);
#undef T

#define T Weir__SyncPong
static const struct wire_row pong_rows[] = {
	ROW(T, sync_pong, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_pong, t1_ms, ROW_I64, 0, 0),
	ROW(T, sync_pong, t2_ms, ROW_I64, 0, 0),
	ROW(T, sync_pong, t3_ms, ROW_I64, 0, 0),
	ROW_LANES(T, sync_pong, durable, ROW_U64S),
};
TABLE(pong, sync_pong, "pong", sync_pong);
#undef T

#define T Weir__SyncClose
static const struct wire_row closing_rows[] = {
	ROW(T, sync_close, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_close, code, ROW_U32, SYNC_CLOSE_SHUTDOWN, SYNC_CLOSE_CLONE),
	ROW(T, sync_close, retry_after_ms, ROW_U32, 0, ANY_U32),
};
TABLE(closing, sync_close, "close", sync_close);
#undef T

#define T Weir__SyncEnrolReq
static const struct wire_row enrol_req_rows[] = {
	ROW(T, sync_enrol_req, invite, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_enrol_req, proof, ROW_FIXED, 0, WIRE_HASH_BYTES),
	ROW(T, sync_enrol_req, writer, ROW_FIXED, 0, WIRE_KEY_BYTES),
	ROW(T, sync_enrol_req, transport, ROW_FIXED, 0, WIRE_KEY_BYTES),
	ROW(T, sync_enrol_req, node, ROW_FIXED, 0, WIRE_KEY_BYTES),
	ROW(T, sync_enrol_req, review, ROW_FIXED, 0, WIRE_KEY_BYTES),
	ROW(T, sync_enrol_req, witness, ROW_FIXED, 0, WIRE_KEY_BYTES),
	ROW(T, sync_enrol_req, name, ROW_TEXT, 1, SYNC_NAME_MAX_BYTES),
	ROW(T, sync_enrol_req, nonce, ROW_FIXED, 0, WIRE_ID_BYTES),
};
TABLE(enrol_req, sync_enrol_req, "enrolment", sync_enrol_req);
#undef T

#define T Weir__SyncEnrolOk
static const struct wire_row enrol_ok_rows[] = {
	ROW(T, sync_enrol_ok, status, ROW_U32, SYNC_ENROL_WAITING, SYNC_ENROL_REFUSED),
	ROW(T, sync_enrol_ok, site, ROW_TEXT, 0, SYNC_NAME_MAX_BYTES),
	ROW(T, sync_enrol_ok, root, ROW_NULLED, 0, WIRE_KEY_BYTES),
	ROW(T, sync_enrol_ok, ledger, ROW_NULLED, 0, WIRE_KEY_BYTES),
	ROW(T, sync_enrol_ok, receipt, ROW_NULLED, 0, WIRE_KEY_BYTES),
	ROW_IN(T, sync_enrol_ok, manifest, ROW_SUB, 0, &offer),
	ROW(T, sync_enrol_ok, words, ROW_TEXT, 0, SYNC_WORDS_MAX_BYTES),
	ROW(T, sync_enrol_ok, nonce, ROW_FIXED, 0, WIRE_ID_BYTES),
};
TABLE(enrol_ok, sync_enrol_ok, "enrolment answer", sync_enrol_ok);
#undef T

#define T Weir__SyncProbe
static const struct wire_row probe_rows[] = {
	ROW(T, sync_probe, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_probe, incarnation, ROW_U32, 1, ANY_U32),
	ROW(T, sync_probe, lane, ROW_U8, LANE_C, LANE_A),
	ROW(T, sync_probe, seq, ROW_U64, 0, SEQ_MOST),
};
TABLE(probe, sync_probe, "probe", sync_probe);
#undef T

#define T Weir__SyncProbed
static const struct wire_row probed_rows[] = {
	ROW(T, sync_probed, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_probed, incarnation, ROW_U32, 1, ANY_U32),
	ROW(T, sync_probed, lane, ROW_U8, LANE_C, LANE_A),
	ROW_AS(T, seq, sync_probed, mark.seq, ROW_U64, 0, SEQ_MOST),
	ROW_AS(T, head, sync_probed, mark.head, ROW_NULLED, 0, WIRE_HASH_BYTES),
	ROW_AS(T, end, sync_probed, end.seq, ROW_U64, 0, SEQ_MOST),
	ROW_AS(T, end_head, sync_probed, end.head, ROW_NULLED, 0, WIRE_HASH_BYTES),
	ROW(T, sync_probed, base_incarnation, ROW_U32, 0, ANY_U32),
};
TABLE(probed, sync_probed, "probe answer", sync_probed);
#undef T

#define T Weir__SyncPull
static const struct wire_row pull_rows[] = {
	ROW(T, sync_pull, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_pull, incarnation, ROW_U32, 1, ANY_U32),
	ROW(T, sync_pull, lane, ROW_U8, LANE_C, LANE_A),
	ROW(T, sync_pull, first, ROW_U64, 1, SEQ_MOST),
	ROW(T, sync_pull, last, ROW_U64, 1, SEQ_MOST),
};
TABLE(pull, sync_pull, "pull", sync_pull);
#undef T

#define T Weir__SyncChunk
static const struct wire_row chunk_rows[] = {
	ROW(T, sync_chunk, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_chunk, root, ROW_FIXED, 0, WIRE_HASH_BYTES),
	ROW(T, sync_chunk, index, ROW_U32, 0, SYNC_CHUNKS_MAX_COUNT - 1),
	ROW(T, sync_chunk, bytes, ROW_VIEW, 0, SYNC_CHUNK_MAX_BYTES),
	ROW(T, sync_chunk, proof, ROW_VIEW, 0, SYNC_PROOF_MAX_BYTES),
};
TABLE(chunk, sync_chunk, "chunk", sync_chunk);
#undef T

#define T Weir__SyncWant
static const struct wire_row want_rows[] = {
	ROW(T, sync_want, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_want, root, ROW_FIXED, 0, WIRE_HASH_BYTES),
	ROW(T, sync_want, next, ROW_U32, 0, SYNC_CHUNKS_MAX_COUNT),
	ROW(T, sync_want, count, ROW_U32, 1, SYNC_CHUNKS_MAX_COUNT),
};
TABLE(want, sync_want, "want", sync_want);
#undef T

#define T Weir__SyncWitness
static const struct wire_row witness_rows[] = {
	ROW(T, sync_witness, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW_AS(T, size, sync_witness, checkpoint.seq, ROW_U64, 1, SEQ_MOST),
	ROW_AS(T, root, sync_witness, checkpoint.head, ROW_FIXED, 0, WIRE_HASH_BYTES),
	ROW_AS(T, time, sync_witness, time_s, ROW_U64, 0, SEQ_MOST),
	ROW(T, sync_witness, signature, ROW_FIXED, 0, WIRE_SIGNATURE_BYTES),
};
TABLE(witness, sync_witness, "witness", sync_witness);
#undef T

#define T Weir__SyncLogGet
static const struct wire_row log_get_rows[] = {
	ROW(T, sync_log_get, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_log_get, size, ROW_U64, 0, SEQ_MOST),
};
TABLE(log_get, sync_log_get, "log request", sync_log_get);
#undef T

#define T Weir__SyncLog
static const struct wire_row log_frame_rows[] = {
	ROW(T, sync_log, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW(T, sync_log, size, ROW_U64, 0, SEQ_MOST),
	ROW(T, sync_log, note, ROW_VIEW, 0, SYNC_NOTE_MAX_BYTES),
	ROW(T, sync_log, proof, ROW_VIEW, 0, SYNC_PROOF_MAX_BYTES),
};
TABLE(log_frame, sync_log, "log", sync_log);
#undef T

#define T Weir__SyncNoticed
static const struct wire_row noticed_rows[] = {
	ROW(T, sync_noticed, session, ROW_FIXED, 0, WIRE_ID_BYTES),
	ROW_AS(T, seq, sync_noticed, mark.seq, ROW_U64, 1, SEQ_MOST),
	ROW_AS(T, head, sync_noticed, mark.head, ROW_FIXED, 0, WIRE_HASH_BYTES),
};
TABLE(noticed, sync_noticed, "notice taken", sync_noticed);
#undef T

const struct wire_table *
sync_table(enum sync_kind kind)
{
	switch (kind) {
	case SYNC_HELLO:
		return &hello;
	case SYNC_WELCOME:
		return &envelope;
	case SYNC_READY:
		return &ready;
	case SYNC_BATCH:
	case SYNC_NOTICE:
		return &batch;
	case SYNC_ACK:
		return &ack;
	case SYNC_NACK:
		return &nack;
	case SYNC_CFG_GET:
		return &cfg_get;
	case SYNC_CFG_PART:
		return &cfg_part;
	case SYNC_CFG_ACK:
		return &cfg_ack;
	case SYNC_PING:
		return &ping;
	case SYNC_PONG:
		return &pong;
	case SYNC_CLOSE:
		return &closing;
	case SYNC_ENROL_REQ:
		return &enrol_req;
	case SYNC_ENROL_OK:
		return &enrol_ok;
	case SYNC_PROBE:
		return &probe;
	case SYNC_PROBED:
		return &probed;
	case SYNC_PULL:
		return &pull;
	case SYNC_CHUNK:
		return &chunk;
	case SYNC_WANT:
		return &want;
	case SYNC_WITNESS:
		return &witness;
	case SYNC_LOG_GET:
		return &log_get;
	case SYNC_LOG:
		return &log_frame;
	case SYNC_NOTICED:
		return &noticed;
	}
	return NULL;
}

const struct wire_table *
sync_table_welcome_body(void)
{
	return &welcome;
}

const struct wire_table *
sync_table_receipt(void)
{
	return &receipt;
}
