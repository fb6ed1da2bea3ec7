# loyalty_proto(<target> FILES <proto>... [DEPS <target>...])
#
# Generated messages and stubs of some contracts, in a target of their own so that nothing else compiles them.
function(loyalty_proto target)
  cmake_parse_arguments(ARG "" "" "FILES;DEPS" ${ARGN})
  set(out ${CMAKE_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${out})
  set(sources)
  foreach(file ${ARG_FILES})
    string(REGEX REPLACE "\\.proto$" "" stem ${file})
    set(products ${out}/${stem}.pb.cc ${out}/${stem}.pb.h)
    set(plugin)
    if(stem MATCHES "_service$")
      list(APPEND products ${out}/${stem}.grpc.pb.cc ${out}/${stem}.grpc.pb.h)
      set(plugin --grpc_out=${out} --plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN})
    endif()
    add_custom_command(
      OUTPUT ${products}
      COMMAND ${PROTOC} -I ${CMAKE_SOURCE_DIR}/proto --cpp_out=${out} ${plugin} ${file}
      DEPENDS ${CMAKE_SOURCE_DIR}/proto/${file}
      COMMENT "Generating ${stem}"
      VERBATIM)
    list(APPEND sources ${products})
  endforeach()
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} SYSTEM PUBLIC ${out})
  target_link_libraries(${target} PUBLIC loyalty_grpc ${ARG_DEPS})
  target_compile_options(${target} PRIVATE -w)
  target_precompile_headers(${target} REUSE_FROM loyalty_grpc_pch)
endfunction()
