# suites of trust
unit(merkle LINKS weir_trust)
unit(note LINKS weir_trust)
