# For the preset tsan only. It tries what has threads and locks of its own: common/batch, common/jobs, common/postgres,
# the services' storage. What includes gRPC or Protobuf is not tried: Debian's gRPC hides its locks from
# ThreadSanitizer, and with that Protobuf's headers lay messages out otherwise than Debian's library.
set(LOYALTY_TSAN ON)

set(tsan_locks ${CMAKE_CURRENT_LIST_DIR}/tsan_locks.cc)
add_library(loyalty_tsan_locks OBJECT ${tsan_locks})
target_link_libraries(loyalty_tsan_locks PUBLIC absl::synchronization)
file(STRINGS ${tsan_locks} calls REGEX "^TELL")
foreach(call ${calls})
  string(REGEX REPLACE "^TELL.([A-Za-z0-9_]+).*" "\\1" symbol "${call}")
  target_link_options(loyalty_tsan_locks INTERFACE -Wl,--wrap=${symbol})
endforeach()
