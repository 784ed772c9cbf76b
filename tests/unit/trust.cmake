# suites of trust
unit(merkle LINKS weir_trust)
unit(note LINKS weir_trust)
unit(leaf LINKS weir_trust)
unit(tlog LINKS weir_trust)
unit(crypto LINKS weir_trust)
unit(keys LINKS weir_trust)
