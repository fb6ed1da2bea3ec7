// loyalty member show
#include <memory>

#include "cli/commands/nouns.h"
#include "cli/commands/session.h"
#include "cli/text/output.h"
#include "cli/text/time_text.h"
#include "loyalty/points/v1/points_service.grpc.pb.h"

namespace loyalty::cli {
namespace {

using points::v1::GetMemberRequest;
using points::v1::PointsService;

int Show(const Session& session, const GetMemberRequest& request) {
  const auto stub = PointsService::NewStub(session.Connect());
  const auto reply = session.Call(*stub, &PointsService::Stub::GetMember, request);
  if (!reply.status.ok()) return session.Fail(reply.status);
  if (session.json) {
    session.out << Json(reply.response);
    return kOk;
  }
  const auto& member = reply.response.member();
  Table table({Table::Align::kLeft, Table::Align::kLeft});
  table.Add({"member", member.member_id()});
  table.Add({"program", member.program_id()});
  table.Add({"enrolled", FormatTime(member.enroll_time(), absl::UTCTimeZone()) + " UTC"});
  table.Add({"points", Thousands(member.available_points())});
  table.Add({"entries", Thousands(member.entry_count())});
  table.Print(session.out);
  return kOk;
}

}  // namespace

void AddMemberCommands(CLI::App& app, Session& session) {
  CLI::App& noun = AddNoun(app, "member", "The people in a program: show");
  CLI::App& show = AddCommand(noun, "show", "Show a member and what they have", session);
  const auto request = std::make_shared<GetMemberRequest>();
  show.add_option("--program", *request->mutable_program_id(), "The program")->required();
  show.add_option("MEMBER", *request->mutable_member_id(), "The member")->required();
  show.callback([&session, request] { session.exit_code = Show(session, *request); });
}

}  // namespace loyalty::cli
