# suites of store
unit(store LINKS weir_store)
