#include "common/due/due_runner.h"

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>

#include <algorithm>

#include "common/log/log.h"
#include "common/status/status.h"

namespace loyalty::due {
namespace {

constexpr int kProgramsInATurn = 100;

}  // namespace

DueRunner::DueRunner(work::Runner& runner, Clock& clock, std::vector<std::unique_ptr<DueWork>> works,
                     std::vector<events::Follower*> followers, delivery::Deliverer* deliverer,
                     metrics::Registry& registry)
    : runner_(runner),
      clock_(clock),
      works_(std::move(works)),
      followers_(std::move(followers)),
      deliverer_(deliverer) {
  for (const auto& work : works_) {
    lags_[work.get()] = &prometheus::BuildGauge()
                             .Name("loyalty_job_lag_seconds")
                             .Help("How long what is due has waited for a job.")
                             .Register(registry)
                             .Add({{"job_name", JobName(*work)}});
  }
}

std::string DueRunner::JobName(const DueWork& work) { return absl::StrCat("due_", work.name()); }

absl::Duration DueRunner::LagOf(DueWork& work, const work::Runner::ProgramNow& found) {
  if (found.program.test_time) return absl::ZeroDuration();  // its time jumps
  const auto due = work.NextDue(found.program.key);
  if (!due.ok() || !*due) return absl::ZeroDuration();
  return std::max(absl::ZeroDuration(), found.now - **due);
}

absl::StatusOr<int64_t> DueRunner::RunTurn(DueWork& work) {
  const auto programs = work.ProgramsDue(clock_.Now(), kProgramsInATurn);
  LOYALTY_RETURN_IF_ERROR(programs.status());
  int64_t done = 0;
  absl::Duration lag;
  absl::Status failure;
  for (const int32_t key : *programs) {
    const auto found = runner_.Find(key);
    if (found.ok()) lag = std::max(lag, LagOf(work, *found));
    const auto count = found.ok() ? work.RunDue(key, found->now) : found.status();
    if (count.ok()) {
      done += *count;
      continue;
    }
    failure.Update(count.status());
    log::Error("what is due in a program fails",
               {{"work", work.name()}, {"program", absl::StrCat(key)}, {"error", count.status().ToString()}});
  }
  lags_.at(&work)->Set(absl::ToDoubleSeconds(lag));
  if (done == 0 && !failure.ok()) return failure;
  return done;
}

absl::StatusOr<std::optional<absl::Time>> DueRunner::NextDue(const std::string& program_id) {
  const auto found = runner_.Find(program_id);
  LOYALTY_RETURN_IF_ERROR(found.status());
  std::optional<absl::Time> next;
  for (const auto& work : works_) {
    const auto due = work->NextDue(found->program.key);
    LOYALTY_RETURN_IF_ERROR(due.status());
    if (*due) next = next ? std::min(*next, **due) : **due;
  }
  return next;
}

absl::StatusOr<int64_t> DueRunner::RunAll(const std::string& program_id, absl::Time end) {
  int64_t done = 0;
  while (true) {
    const auto round = RunRound(program_id, end);
    LOYALTY_RETURN_IF_ERROR(round.status());
    done += *round;
    if (*round == 0 || absl::Now() >= end) return done;
  }
}

absl::StatusOr<int64_t> DueRunner::RunRound(const std::string& program_id, absl::Time end) {
  const auto found = runner_.Find(program_id);
  LOYALTY_RETURN_IF_ERROR(found.status());
  int64_t done = 0;
  for (const auto& work : works_) {
    int64_t piece;
    do {
      const auto count = work->RunDue(found->program.key, found->now);
      LOYALTY_RETURN_IF_ERROR(count.status());
      piece = *count;
      done += piece;
    } while (piece > 0 && absl::Now() < end);
  }
  for (events::Follower* follower : followers_) {
    const auto count = follower->Drain(program_id);
    LOYALTY_RETURN_IF_ERROR(count.status());
    done += *count;
  }
  if (deliverer_ != nullptr) {
    const auto count = deliverer_->Drain(program_id);
    LOYALTY_RETURN_IF_ERROR(count.status());
    done += *count;
  }
  return done;
}

}  // namespace loyalty::due
