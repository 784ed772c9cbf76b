# suites of store
unit(store LINKS weir_store)
unit(storeroom LINKS weir_store)
unit(slots LINKS weir_store)
unit(store_copy LINKS weir_store)
unit(store_move LINKS weir_store)
unit(store_near LINKS weir_store)
unit(storemove LINKS weir_store)
