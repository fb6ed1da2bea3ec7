#include "cli/commands/story_teller.h"

#include "absl/strings/str_split.h"
#include "cli/text/error_text.h"
#include "cli/text/time_text.h"
#include "loyalty/admin/v1/clock_service.grpc.pb.h"

namespace loyalty::cli {
namespace {

using admin::v1::ClockService;

// "20 minutes pass", "1 day passes"; to the nearest minute, hour or day.
std::string PassText(absl::Duration span) {
  const auto text = [span](absl::Duration unit, const std::string& name) {
    const int64_t number = (span + unit / 2) / unit;
    return absl::StrCat(Counted(number, name, name + "s"), number == 1 ? " passes" : " pass");
  };
  if (span < absl::Hours(1)) return text(absl::Minutes(1), "minute");
  if (span < absl::Hours(36)) return text(absl::Hours(1), "hour");
  return text(absl::Hours(24), "day");
}

// What was due on the way, at so many times.
std::string DueText(int steps) {
  if (steps == 0) return ".";
  return absl::StrCat("; on the way something is due",
                      steps == 1 ? "" : absl::StrCat(" at ", steps, " times"), ", and gets done.");
}

}  // namespace

Teller::Teller(const Session& session, const SuiteAddresses& addresses, StoryPage& page)
    : session_(session),
      page_(page),
      channels_({{"points", session.Connect()},
                 {"referral", session.Connect(addresses.referral)},
                 {"membership", session.Connect(addresses.membership)},
                 {"surveys", session.Connect(addresses.surveys)}}) {}

void Teller::SetProgram(const points::v1::Program& program) {
  program_ = program;
  zone_ = absl::UTCTimeZone();
  absl::LoadTimeZone(program.time_zone(), &zone_);
  now_ = FromTimestamp(program.test_clock_time());
  last_.time = now_;
  page_.Begin(program.program_id(), program.time_zone());
}

std::shared_ptr<grpc::Channel> Teller::ChannelOf(absl::string_view full_name) const {
  const std::vector<std::string> parts =
      absl::StrSplit(full_name, '.');  // loyalty.referral.v1.ReferralService
  const auto found = channels_.find(parts[1]);
  return found == channels_.end() ? channels_.at("points") : found->second;  // points has the test clocks
}

void Teller::Say(const std::string& text) {
  last_.text = text;
  page_.Add(last_);
}

void Teller::Fail(const std::string& rpc, const grpc::Status& status) const {
  throw PlotError{absl::StrCat(rpc, ": ", FailureText(DecodeFailure(status)))};
}

void Teller::Expect(absl::string_view what, int64_t actual, int64_t expected) const {
  if (actual == expected) return;
  throw PlotError{absl::StrCat(last_.rpc, ": ", what, " should be ", expected, " and is ", actual,
                               "; the answer: ", last_.response.dump())};
}

void Teller::Expect(absl::string_view what, bool as_told) const {
  if (as_told) return;
  throw PlotError{absl::StrCat(last_.rpc, ": should be so: ", what, "; the answer: ", last_.response.dump())};
}

void Teller::AdvanceTo(absl::CivilMinute local_time) {
  auto request = Make<admin::v1::AdvanceClockRequest>();
  const absl::Time target = absl::FromCivil(local_time, zone_);
  SetTimestamp(target, *request.mutable_target_time());
  auto reply = Try<ClockService>(&ClockService::Stub::AdvanceClock, request);
  // A server advances one clock at a time.
  const absl::Time give_up = absl::Now() + absl::Seconds(session_.timeout_seconds);
  while (reply.status.error_code() == grpc::StatusCode::ABORTED && absl::Now() < give_up) {
    absl::SleepFor(absl::Milliseconds(50));
    reply = Try<ClockService>(&ClockService::Stub::AdvanceClock, request);
  }
  if (!reply.status.ok()) Fail(last_.rpc, reply.status);
  Expect("the clock is at the target", FromTimestamp(reply.response.clock().clock_time()) == target);
  const absl::Duration passed = target - now_;
  now_ = target;
  last_.time = target;
  Say(absl::StrCat(PassText(passed), DueText(reply.response.step_count())));
}

std::string Teller::Points(int64_t points) const {
  return Counted(points, program_.points_name().singular(), program_.points_name().plural());
}

std::string Teller::Time(const google::protobuf::Timestamp& time) const { return FormatTime(time, zone_); }

}  // namespace loyalty::cli
