// loyalty statement | earn | spend | adjust
#include <map>
#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "cli/commands/nouns.h"
#include "cli/commands/session.h"
#include "cli/commands/statement.h"
#include "cli/text/output.h"
#include "cli/text/time_text.h"
#include "loyalty/points/v1/points_service.grpc.pb.h"

namespace loyalty::cli {
namespace {

using points::v1::ListEntriesRequest;
using points::v1::ListEntriesResponse;
using points::v1::PointsService;

const std::map<std::string, points::v1::EntryKind> kKinds = {
    {"purchase", points::v1::ENTRY_KIND_PURCHASE}, {"earn", points::v1::ENTRY_KIND_EARN},
    {"spend", points::v1::ENTRY_KIND_SPEND},       {"adjust", points::v1::ENTRY_KIND_ADJUST},
    {"reversal", points::v1::ENTRY_KIND_REVERSAL}, {"return", points::v1::ENTRY_KIND_RETURN},
    {"label", points::v1::ENTRY_KIND_LABEL}};
constexpr int kPageSizeMax = 1000;

// `limit` 0: all.
int Statement(const Session& session, ListEntriesRequest request, int limit) {
  const auto channel = session.Connect();
  const auto program = GetProgram(session, channel, request.program_id());
  if (!program.status.ok()) return session.Fail(program.status);
  const auto stub = PointsService::NewStub(channel);
  ListEntriesResponse all;
  do {
    request.set_page_size(limit == 0 ? kPageSizeMax : std::min(limit - all.entries_size(), kPageSizeMax));
    const auto reply = session.Call(*stub, &PointsService::Stub::ListEntries, request);
    if (!reply.status.ok()) return session.Fail(reply.status);
    all.mutable_entries()->MergeFrom(reply.response.entries());
    request.set_page_token(reply.response.next_page_token());
  } while (!request.page_token().empty() && (limit == 0 || all.entries_size() < limit));

  if (session.json) {
    session.out << Json(all);
  } else {
    PrintStatement(all.entries(), program.response.program(), session.out);
  }
  return kOk;
}

void SetTime(const std::string& option, const std::string& text, google::protobuf::Timestamp& timestamp) {
  const auto time = ParseTime(text);
  if (!time.ok()) throw CLI::ValidationError(option, std::string(time.status().message()));
  SetTimestamp(*time, timestamp);
}

void AddStatement(CLI::App& app, Session& session) {
  CLI::App& statement = AddCommand(app, "statement", "Show a member's entries, the newest first", session);
  const auto request = std::make_shared<ListEntriesRequest>();
  const auto limit = std::make_shared<int>(0);
  statement.add_option("--program", *request->mutable_program_id(), "The program")->required();
  statement.add_option("MEMBER", *request->mutable_member_id(), "The member")->required();
  statement
      .add_option_function<std::vector<std::string>>(
          "--kind",
          [request](const std::vector<std::string>& kinds) {
            for (const auto& kind : kinds) request->add_kinds(kKinds.at(kind));
          },
          "Only this kind; again for another")
      ->check(CLI::IsMember({"purchase", "earn", "spend", "adjust", "reversal", "return", "label"}))
      ->expected(1)
      ->take_all();
  statement.add_option_function<std::string>(
      "--from", [request](auto& text) { SetTime("--from", text, *request->mutable_occurred_start_time()); },
      "Only what happened then or later: 2024-05-31 (midnight UTC) or 2024-05-31T17:30:00Z");
  statement.add_option_function<std::string>(
      "--until", [request](auto& text) { SetTime("--until", text, *request->mutable_occurred_end_time()); },
      "Only what happened before then");
  statement.add_option("--limit", *limit, "At most so many entries. Default: all")
      ->check(CLI::PositiveNumber);
  statement.callback(
      [&session, request, limit] { session.exit_code = Statement(session, *request, *limit); });
}

// Sends a request that moves points and prints the entry it made.
template <class Request, class Response>
int Post(const Session& session,
         grpc::Status (PointsService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
         Request& request) {
  if (request.request_id().empty()) request.set_request_id(NewRequestId());
  const auto stub = PointsService::NewStub(session.Connect());
  const auto reply = session.Call(*stub, method, request);
  if (!reply.status.ok()) return session.Fail(reply.status);
  if (session.json) {
    session.out << Json(reply.response, reply.replayed);
    return kOk;
  }
  const auto& entry = reply.response.entry();
  session.out << Signed(entry.points()) << (std::abs(entry.points()) == 1 ? " point" : " points") << " for "
              << request.member_id() << ", balance " << Thousands(entry.balance_after()) << ", entry "
              << entry.sequence() << (reply.replayed ? " (replayed)" : "") << '\n';
  if (entry.lot_uses_size() > 0) session.out << "paid with " << LotsText(entry) << '\n';
  return kOk;
}

// A command that moves points, with the options that all of these have; the caller adds the others.
template <class Request, class Response>
CLI::App& AddPosting(CLI::App& app, Session& session, const std::string& name, const std::string& description,
                     grpc::Status (PointsService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                 Response*),
                     const std::shared_ptr<Request>& request) {
  CLI::App& command = AddCommand(app, name, description, session);
  command.add_option("--program", *request->mutable_program_id(), "The program")->required();
  command.add_option("--member", *request->mutable_member_id(), "The member")->required();
  command
      .add_option_function<int64_t>(
          "--points", [request](int64_t points) { request->set_points(points); }, "How many")
      ->required();
  command.add_option("--reason", *request->mutable_reason(), "Why, for the statement");
  command.add_option("--actor", *request->mutable_actor(), "Who asks for it");
  command.add_option("--request-id", *request->mutable_request_id(),
                     "The same id again gets the same answer, and nothing happens twice. Default: a new one");
  command.callback([&session, method, request] { session.exit_code = Post(session, method, *request); });
  return command;
}

}  // namespace

void AddLedgerCommands(CLI::App& app, Session& session) {
  AddStatement(app, session);
  AddPosting(app, session, "earn", "Award points", &PointsService::Stub::Earn,
             std::make_shared<points::v1::EarnRequest>());

  const auto spend = std::make_shared<points::v1::SpendRequest>();
  AddPosting(app, session, "spend", "Use points, the oldest first", &PointsService::Stub::Spend, spend)
      .add_option("--order", *spend->mutable_order_id(), "The order they are spent on");

  CLI::App& adjust = AddPosting(app, session, "adjust", "Correct a balance by hand, up or down",
                                &PointsService::Stub::Adjust, std::make_shared<points::v1::AdjustRequest>());
  adjust.get_option("--reason")->required();
  adjust.get_option("--actor")->required();
}

}  // namespace loyalty::cli
