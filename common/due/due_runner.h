// Runs what is due in a service: all the time in the background, and on demand for programs with test clocks.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/delivery/deliverer.h"
#include "common/due/due_work.h"
#include "common/events/follower.h"
#include "common/metrics/metrics.h"
#include "common/work/work.h"

namespace loyalty::due {

class DueRunner {
 public:
  // Shows how late each work is, as loyalty_job_lag_seconds: of the programs without a test clock, the one
  // whose earliest due thing has waited longest, or 0.
  //
  // `deliverer`: null if the service owes points nothing. All outlive it but the works.
  DueRunner(work::Runner& runner, Clock& clock, std::vector<std::unique_ptr<DueWork>> works,
            std::vector<events::Follower*> followers, delivery::Deliverer* deliverer,
            metrics::Registry& registry);

  const std::vector<std::unique_ptr<DueWork>>& works() const { return works_; }
  // For metrics and logs: "due_renewals".
  static std::string JobName(const DueWork& work);

  // One turn of one work: a piece for each of up to 100 programs. Returns how many things were done. A
  // program that fails does not stop the others.
  absl::StatusOr<int64_t> RunTurn(DueWork& work);

  // The earliest of all works.
  absl::StatusOr<std::optional<absl::Time>> NextDue(const std::string& program_id);

  // Does all that is due in the program, follows the other services' events and delivers what is owed, until
  // nothing is left or, after a round, `end` (real time) has passed. Returns how many things were done.
  absl::StatusOr<int64_t> RunAll(const std::string& program_id, absl::Time end);

 private:
  // How late the work is in a program.
  absl::Duration LagOf(DueWork& work, const work::Runner::ProgramNow& found);
  absl::StatusOr<int64_t> RunRound(const std::string& program_id, absl::Time end);

  work::Runner& runner_;
  Clock& clock_;
  const std::vector<std::unique_ptr<DueWork>> works_;
  const std::vector<events::Follower*> followers_;
  delivery::Deliverer* const deliverer_;
  absl::flat_hash_map<const DueWork*, metrics::Gauge*> lags_;
};

}  // namespace loyalty::due
