# loyalty_service(<name> PROTO <target> [DEPS <target>...] [TEST_DEPS <target>...])
#
# Declares a whole service from its five rooms: libraries <name>_domain, <name>_storage, <name>_service and
# <name>_jobs, what binds them together (definition.cc), and the program loyalty-<name>. A room may include
# only the rooms before it. DEPS and TEST_DEPS: what service/ and its tests need besides.
function(loyalty_service name)
  cmake_parse_arguments(ARG "" "PROTO" "DEPS;TEST_DEPS" ${ARGN})
  set(here ${CMAKE_CURRENT_SOURCE_DIR})
  loyalty_sql(${name}_sql SCHEMA ${name} FOLDER ${here}/storage)
  loyalty_library(${name}_domain FOLDER ${here}/domain DEPS loyalty_validate loyalty_calendar absl::int128 absl::flat_hash_map absl::flat_hash_set)
  loyalty_library(${name}_storage FOLDER ${here}/storage DEPS ${name}_domain ${name}_sql loyalty_figures loyalty_postgres loyalty_clock nlohmann_json::nlohmann_json
                  TEST_DEPS loyalty_testing)
  loyalty_library(${name}_service GRPC FOLDER ${here}/service DEPS ${name}_storage ${ARG_PROTO} loyalty_handler loyalty_batch loyalty_events ${ARG_DEPS}
                  TEST_DEPS ${name}_definition loyalty_testing ${ARG_TEST_DEPS})
  loyalty_library(${name}_jobs GRPC FOLDER ${here}/jobs DEPS ${name}_service loyalty_jobs loyalty_due
                  TEST_DEPS ${name}_definition loyalty_testing)
  add_library(${name}_definition STATIC ${here}/definition.cc)
  target_link_libraries(${name}_definition PUBLIC ${name}_jobs loyalty_server)
  target_precompile_headers(${name}_definition REUSE_FROM loyalty_grpc_pch)
  add_executable(loyalty-${name} ${here}/main.cc)
  target_link_libraries(loyalty-${name} PRIVATE ${name}_definition PkgConfig::jemalloc)
  target_precompile_headers(loyalty-${name} REUSE_FROM loyalty_grpc_pch)
  # Reflection and metrics find a contract by its name only, which is no reason for a linker to keep it.
  set_target_properties(loyalty-${name} PROPERTIES LINK_LIBRARY_OVERRIDE "WHOLE_ARCHIVE,${ARG_PROTO}")
endfunction()
