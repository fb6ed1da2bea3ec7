# Run by LoyaltySql.cmake: writes <schema>_sql.h and <schema>_sql.cc.
function(camel_case name result)
  string(REPLACE "_" ";" words ${name})
  set(joined "")
  foreach(word ${words})
    string(SUBSTRING ${word} 0 1 first)
    string(SUBSTRING ${word} 1 -1 rest)
    string(TOUPPER ${first} first)
    string(APPEND joined ${first}${rest})
  endforeach()
  set(${result} ${joined} PARENT_SCOPE)
endfunction()

set(constants "")
set(statement_list "")
foreach(file ${STATEMENTS})
  get_filename_component(name ${file} NAME_WE)
  camel_case(${name} camel)
  file(READ ${file} text)
  string(APPEND constants "inline constexpr postgres::Statement k${camel}{\"${name}\", R\"sql(${text})sql\"};\n")
  string(APPEND statement_list "      k${camel},\n")
endforeach()
set(migration_list "")
foreach(file ${MIGRATIONS})
  get_filename_component(name ${file} NAME_WE)
  string(REGEX MATCH "^[0-9]+" number ${name})
  string(REGEX REPLACE "^0+" "" number ${number})
  file(READ ${file} text)
  string(APPEND migration_list "      {${number}, \"${name}\", R\"sql(${text})sql\"},\n")
endforeach()

file(WRITE ${OUT}/${SCHEMA}_sql.h "// Generated from the SQL of ${SCHEMA} by cmake/EmbedSql.cmake.
#pragma once

#include <vector>

#include \"common/postgres/statement.h\"

namespace loyalty::${SCHEMA}::sql {

${constants}
// All of the above.
std::vector<postgres::Statement> Statements();
// In the order of their numbers.
std::vector<postgres::Migration> Migrations();

}  // namespace loyalty::${SCHEMA}::sql
")
file(WRITE ${OUT}/${SCHEMA}_sql.cc "#include \"${SCHEMA}_sql.h\"

namespace loyalty::${SCHEMA}::sql {

std::vector<postgres::Statement> Statements() {
  return {
${statement_list}  };
}

std::vector<postgres::Migration> Migrations() {
  return {
${migration_list}  };
}

}  // namespace loyalty::${SCHEMA}::sql
")
