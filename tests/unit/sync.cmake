# suites of sync
unit(pace LINKS weir_sync)
unit(bundle LINKS weir_run)
unit(lane LINKS weir_sync)
unit(lane_carry LINKS weir_sync)
unit(lane_rules LINKS weir_sync)
unit(lane_layers LINKS weir_sync)
unit(lane_files LINKS weir_sync)
unit(lane_notice LINKS weir_sync)
foreach(suite test_lane test_lane_carry test_lane_files test_lane_layers test_lane_notice test_lane_rules)
	target_sources(${suite} PRIVATE
		lane_worlds.c
		${CMAKE_SOURCE_DIR}/tests/sim/lane_world_store.c
		${CMAKE_SOURCE_DIR}/tests/sim/lane_world_shells.c
		${CMAKE_SOURCE_DIR}/tests/sim/lane_world.c)
endforeach()
