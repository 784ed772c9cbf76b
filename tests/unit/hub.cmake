# suites of hub
unit(vault LINKS hub_rooms)
if(TARGET weir-audit)
	add_executable(test_weir_audit test_weir_audit.c)
	target_link_libraries(test_weir_audit PRIVATE strict weir_trust PkgConfig::cmocka)
	set_target_properties(test_weir_audit PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
	add_test(NAME unit.weir_audit COMMAND test_weir_audit $<TARGET_FILE:weir-audit>)
	set_tests_properties(unit.weir_audit PROPERTIES TIMEOUT 60 LABELS unit)
endif()
