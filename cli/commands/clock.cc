// loyalty clock show | advance
#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/commands/nouns.h"
#include "cli/commands/session.h"
#include "cli/text/output.h"
#include "cli/text/time_text.h"
#include "loyalty/admin/v1/clock_service.grpc.pb.h"

namespace loyalty::cli {
namespace {

using admin::v1::ClockService;

struct Advance {
  admin::v1::AdvanceClockRequest request;
  absl::Duration by = absl::ZeroDuration();  // zero: to the request's target
};

std::string ClockText(const admin::v1::Clock& clock) {
  const auto zone = absl::UTCTimeZone();
  std::string text = absl::StrCat(clock.program_id(), ": ", FormatTime(clock.clock_time(), zone), " UTC");
  if (FromTimestamp(clock.target_time()) > FromTimestamp(clock.clock_time())) {
    absl::StrAppend(&text, ", on the way to ", FormatTime(clock.target_time(), zone), " UTC");
  }
  return text;
}

Reply<admin::v1::GetClockResponse> GetClock(const Session& session, ClockService::Stub& stub,
                                            const std::string& program_id) {
  admin::v1::GetClockRequest request;
  request.set_program_id(program_id);
  return session.Call(stub, &ClockService::Stub::GetClock, request);
}

int Show(const Session& session, const std::string& program_id) {
  const auto stub = ClockService::NewStub(session.Connect());
  const auto reply = GetClock(session, *stub, program_id);
  if (!reply.status.ok()) return session.Fail(reply.status);
  if (session.json) {
    session.out << Json(reply.response);
  } else {
    session.out << ClockText(reply.response.clock()) << '\n';
  }
  return kOk;
}

int Move(const Session& session, Advance advance) {
  const auto stub = ClockService::NewStub(session.Connect());
  if (advance.by > absl::ZeroDuration()) {
    const auto clock = GetClock(session, *stub, advance.request.program_id());
    if (!clock.status.ok()) return session.Fail(clock.status);
    SetTimestamp(FromTimestamp(clock.response.clock().clock_time()) + advance.by,
                 *advance.request.mutable_target_time());
  }
  const auto reply = session.Call(*stub, &ClockService::Stub::AdvanceClock, advance.request);
  if (!reply.status.ok()) return session.Fail(reply.status);
  if (session.json) {
    session.out << Json(reply.response);
  } else {
    session.out << ClockText(reply.response.clock()) << "; something was due at "
                << Counted(reply.response.step_count(), "time", "times") << ", "
                << Counted(reply.response.done_count(), "thing", "things") << " done\n";
  }
  return kOk;
}

// "90m", "36h", "14d"
absl::Duration ParseSpan(const std::string& text) {
  int64_t number = 0;
  const std::string digits = text.empty() ? "" : text.substr(0, text.size() - 1);
  if (absl::SimpleAtoi(digits, &number) && number > 0 && number < 100'000) {
    if (text.back() == 'm') return absl::Minutes(number);
    if (text.back() == 'h') return absl::Hours(number);
    if (text.back() == 'd') return absl::Hours(24) * number;
  }
  throw CLI::ValidationError("--by", absl::StrCat("'", text, "' is not a span of time: write 90m, 36h, 14d"));
}

}  // namespace

void AddClockCommands(CLI::App& app, Session& session) {
  CLI::App& noun = AddNoun(app, "clock", "Test clocks of programs that have one: show, advance");
  CLI::App& show = AddCommand(noun, "show", "Show where a program's test clock stands", session);
  const auto program_id = std::make_shared<std::string>();
  show.add_option("--program", *program_id, "The program")->required();
  show.callback([&session, program_id] { session.exit_code = Show(session, *program_id); });

  CLI::App& advance = AddCommand(noun, "advance", "Let time pass in a program, in all services", session);
  const auto how = std::make_shared<Advance>();
  advance.add_option("--program", *how->request.mutable_program_id(), "The program")->required();
  CLI::Option_group& target = *advance.add_option_group("Target");
  target.require_option(1);
  target.add_option_function<std::string>(
      "--to",
      [how](auto& text) {
        const auto time = ParseTime(text);
        if (!time.ok()) throw CLI::ValidationError("--to", std::string(time.status().message()));
        SetTimestamp(*time, *how->request.mutable_target_time());
      },
      "Until then: 2025-05-31 (midnight UTC) or 2025-05-31T17:30:00Z");
  target.add_option_function<std::string>(
      "--by", [how](auto& text) { how->by = ParseSpan(text); }, "By so much: 90m, 36h, 14d");
  advance.callback([&session, how] { session.exit_code = Move(session, *how); });
}

}  // namespace loyalty::cli
