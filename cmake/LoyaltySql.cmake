# loyalty_sql(<target> SCHEMA <name> FOLDER <dir>)
#
# Embeds <dir>/sql/*.sql as named statements and <dir>/migrations/*.sql as migrations. The file's name is the
# statement's name, its prepared statement and its metric label. Gives, in namespace loyalty::<schema>::sql,
# from "<schema>_sql.h": `inline constexpr Statement kLockAccounts` for lock_accounts.sql, `Statements()` and
# `Migrations()`.
function(loyalty_sql target)
  cmake_parse_arguments(ARG "" "SCHEMA;FOLDER" "" ${ARGN})
  file(GLOB statements CONFIGURE_DEPENDS ${ARG_FOLDER}/sql/*.sql)
  file(GLOB migrations CONFIGURE_DEPENDS ${ARG_FOLDER}/migrations/*.sql)
  set(out ${CMAKE_BINARY_DIR}/generated/sql)
  set(products ${out}/${ARG_SCHEMA}_sql.h ${out}/${ARG_SCHEMA}_sql.cc)
  add_custom_command(
    OUTPUT ${products}
    COMMAND ${CMAKE_COMMAND} -DSCHEMA=${ARG_SCHEMA} -DOUT=${out} "-DSTATEMENTS=${statements}"
            "-DMIGRATIONS=${migrations}" -P ${CMAKE_SOURCE_DIR}/cmake/EmbedSql.cmake
    DEPENDS ${statements} ${migrations} ${CMAKE_SOURCE_DIR}/cmake/EmbedSql.cmake
    COMMENT "Embedding SQL of ${ARG_SCHEMA}"
    VERBATIM)
  add_library(${target} STATIC ${products})
  target_include_directories(${target} PUBLIC ${out} ${CMAKE_SOURCE_DIR})
endfunction()
