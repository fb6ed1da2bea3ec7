// What a service does at certain times: expiry, renewals, reminders. A service implements this once for each
// kind of such work and puts it into rpc::Parts::due_works; the rest (when it runs, test clocks) is
// common/due's.
//
// Two rules keep it safe on several replicas and repeatable: what is due is found by an index on its due time
// with FOR UPDATE SKIP LOCKED, and doing it moves that time, or ends it, in the same transaction.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace loyalty::due {

class DueWork {
 public:
  virtual ~DueWork() = default;

  // For metrics and logs: "renewals".
  virtual std::string name() const = 0;

  // The programs in which something is due, at most `limit`. One statement over the index on the due time: a
  // program with a test clock is due by its own time, the others by `now`:
  //   LEFT JOIN platform.test_clock USING (program_key)
  //   WHERE due_time <= coalesce(test_clock.clock_time, $1)
  virtual absl::StatusOr<std::vector<int32_t>> ProgramsDue(absl::Time now, int limit) = 0;

  // When the program's next thing is due, which may be past; nothing if nothing will be.
  virtual absl::StatusOr<std::optional<absl::Time>> NextDue(int32_t program_key) = 0;

  // Does a bounded piece of what is due in the program at `now`, the program's time, in transactions of its
  // own (work::Runner::Do). Returns how many things it did; 0: there is nothing more to do. What cannot be
  // done is not to stand in the way of the rest: note it and move its due time.
  virtual absl::StatusOr<int64_t> RunDue(int32_t program_key, absl::Time now) = 0;
};

}  // namespace loyalty::due
