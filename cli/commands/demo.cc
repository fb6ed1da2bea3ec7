// loyalty demo: a program, the history of a small shop, and the story of one customer.
#include <memory>
#include <sstream>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "cli/commands/demo_data.h"
#include "cli/commands/import_run.h"
#include "cli/commands/nouns.h"
#include "cli/commands/session.h"
#include "cli/commands/statement.h"
#include "cli/text/output.h"
#include "cli/text/time_text.h"
#include "loyalty/points/v1/points_service.grpc.pb.h"
#include "nlohmann/json.hpp"

namespace loyalty::cli {
namespace {

using points::v1::Entry;
using points::v1::PointsService;
using points::v1::Program;
using points::v1::ProgramService;
using points::v1::Purchase;
using points::v1::PurchaseLine;

constexpr char kProgramId[] = "demo";
constexpr char kAda[] = "ada";

PurchaseLine Line(const std::string& sku, const std::string& category, int64_t quantity, int64_t cents) {
  PurchaseLine line;
  line.set_sku(sku);
  line.set_category(category);
  line.set_quantity(quantity);
  line.set_amount_minor(cents);
  return line;
}

Purchase MakePurchase(const std::string& order_id, absl::Time time, const std::vector<PurchaseLine>& lines) {
  Purchase purchase;
  purchase.set_order_id(order_id);
  SetTimestamp(time, *purchase.mutable_purchase_time());
  purchase.set_channel("store");
  purchase.set_location("Trastevere");
  for (const auto& line : lines) {
    *purchase.add_lines() = line;
    purchase.set_total_minor(purchase.total_minor() + line.amount_minor());
  }
  return purchase;
}

// A request of ada's, but for what is special to it.
template <class Request>
Request AdaRequest(const std::string& request_id) {
  Request request;
  request.set_program_id(kProgramId);
  request.set_member_id(kAda);
  request.set_request_id(request_id);
  return request;
}

// Tells a story of calls, one step a call.
class Story {
 public:
  Story(const Session& session, std::shared_ptr<grpc::Channel> channel, const Program& program)
      : session_(session), stub_(PointsService::NewStub(std::move(channel))), program_(program) {}

  // False, and printed why, when a call went against the plot. `end`: the day it plays.
  bool Tell(absl::Time end);
  const nlohmann::ordered_json& steps() const { return steps_; }

 private:
  // One call, under a heading of its own. Null when it is not answered with `expected`.
  template <class Request, class Response>
  std::unique_ptr<Reply<Response>> Step(
      const std::string& what, const std::string& rpc,
      grpc::Status (PointsService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
      const Request& request, grpc::StatusCode expected = grpc::StatusCode::OK);

  bool Enroll();
  bool Buy(const std::string& what, const Purchase& purchase);
  bool Review();
  bool Spend(const std::string& what, bool again);
  bool Overspend();
  bool Statement();
  void Say(const std::string& text) { Print(absl::StrCat("   ", text, "\n")); }
  void Print(const std::string& text) {
    if (!session_.json) session_.out << text;
  }
  std::string Points(int64_t points) const {
    return Counted(points, program_.points_name().singular(), program_.points_name().plural());
  }

  const Session& session_;
  const std::unique_ptr<PointsService::Stub> stub_;
  const Program& program_;
  nlohmann::ordered_json steps_ = nlohmann::ordered_json::array();
};

template <class Request, class Response>
std::unique_ptr<Reply<Response>> Story::Step(const std::string& what, const std::string& rpc,
                                             grpc::Status (PointsService::Stub::*method)(grpc::ClientContext*,
                                                                                         const Request&,
                                                                                         Response*),
                                             const Request& request, grpc::StatusCode expected) {
  auto reply = std::make_unique<Reply<Response>>(session_.Call(*stub_, method, request));
  nlohmann::ordered_json step = {{"rpc", rpc}, {"request", nlohmann::ordered_json::parse(Json(request))}};
  if (reply->status.ok()) {
    step["response"] = nlohmann::ordered_json::parse(Json(reply->response, reply->replayed));
  } else {
    step["error"] = FailureJson(DecodeFailure(reply->status));
  }
  steps_.push_back(step);
  Print(absl::StrCat("\n", steps_.size(), ". ", what, "  [", rpc, "]", reply->replayed ? " (replayed)" : "",
                     "\n"));
  if (reply->status.error_code() == expected) return reply;
  if (reply->status.ok()) {
    session_.Fail(absl::StrCat(rpc, " should have been refused"));
  } else {
    session_.Fail(reply->status);
  }
  return nullptr;
}

bool Story::Enroll() {
  const auto reply = Step("Ada joins", "PointsService.EnrollMember", &PointsService::Stub::EnrollMember,
                          AdaRequest<points::v1::EnrollMemberRequest>("demo-ada-enroll"));
  if (!reply) return false;
  const auto& member = reply->response.member();
  Say(absl::StrCat("member since ", FormatTime(member.enroll_time(), absl::UTCTimeZone()), " UTC, ",
                   Points(member.available_points())));
  return true;
}

bool Story::Buy(const std::string& what, const Purchase& purchase) {
  auto request = AdaRequest<points::v1::RecordPurchaseRequest>(purchase.order_id());
  *request.mutable_purchase() = purchase;
  const auto reply =
      Step(what, "PointsService.RecordPurchase", &PointsService::Stub::RecordPurchase, request);
  if (!reply) return false;
  const Entry& entry = reply->response.entry();
  for (const auto& line : purchase.lines()) {
    Say(absl::StrCat(line.quantity(), " ", line.sku(), ", ", Money(line.amount_minor(), program_)));
  }
  const auto& rate = program_.base_earn_rate();
  Say(absl::StrCat("total ", Money(purchase.total_minor(), program_), " earned ", Points(entry.points()),
                   " by rule '", entry.rule_id(), "' (", Points(rate.points()), " for every ",
                   rate.per_major_units(), " ", program_.currency_code(), "), balance ",
                   Thousands(entry.balance_after())));
  return true;
}

bool Story::Review() {
  auto request = AdaRequest<points::v1::EarnRequest>("demo-ada-review");
  request.set_points(10);
  request.set_reason("wrote a review");
  request.set_actor("website");
  request.set_channel("web");
  const auto reply = Step("Ada writes a review", "PointsService.Earn", &PointsService::Stub::Earn, request);
  if (!reply) return false;
  const Entry& entry = reply->response.entry();
  Say(absl::StrCat(Points(entry.points()), " awarded: ", entry.reason(), ", balance ",
                   Thousands(entry.balance_after())));
  return true;
}

bool Story::Spend(const std::string& what, bool again) {
  auto request = AdaRequest<points::v1::SpendRequest>("demo-ada-spend");
  request.set_points(30);
  request.set_reason("a bag of beans");
  request.set_actor("till 2");
  request.set_channel("store");
  request.set_location("Trastevere");
  const auto reply = Step(what, "PointsService.Spend", &PointsService::Stub::Spend, request);
  if (!reply) return false;
  const Entry& entry = reply->response.entry();
  Say(absl::StrCat(again ? "the first answer again: " : "", Points(-entry.points()), " spent on ",
                   entry.reason(), ", balance ", Thousands(entry.balance_after())));
  Say(absl::StrCat("the oldest lots paid: ", LotsText(entry)));
  return true;
}

bool Story::Overspend() {
  auto request = AdaRequest<points::v1::SpendRequest>("demo-ada-overspend");
  request.set_points(5000);
  request.set_reason("an espresso machine");
  const auto reply = Step("Ada wants an espresso machine for 5,000", "PointsService.Spend",
                          &PointsService::Stub::Spend, request, grpc::StatusCode::FAILED_PRECONDITION);
  if (!reply) return false;
  Say(absl::StrCat("refused: ", FailureText(DecodeFailure(reply->status))));
  return true;
}

bool Story::Statement() {
  points::v1::ListEntriesRequest request;
  request.set_program_id(kProgramId);
  request.set_member_id(kAda);
  const auto reply = Step("Ada reads her statement", "PointsService.ListEntries",
                          &PointsService::Stub::ListEntries, request);
  if (!reply) return false;
  std::ostringstream statement;
  PrintStatement(reply->response.entries(), program_, statement);
  Print(statement.str());
  return true;
}

bool Story::Tell(absl::Time end) {
  Print("\nThe story of a customer, Ada. In brackets the call that each step is.\n");
  const auto breakfast =
      MakePurchase("demo-ada-1", end - absl::Hours(50),
                   {Line("cappuccino", "coffee", 2, 840), Line("croissant", "bakery", 1, 320),
                    Line("beans-250g", "beans", 1, 1290)});
  const auto gift =
      MakePurchase("demo-ada-2", end - absl::Hours(3),
                   {Line("travel-mug", "ware", 1, 2450), Line("banana-bread", "bakery", 2, 950)});
  return Enroll() && Buy("Ada has breakfast", breakfast) && Buy("Ada buys a gift", gift) && Review() &&
         Spend("Ada spends 30", false) && Overspend() &&
         Spend("The till lost its connection and asks again, with the same request id", true) && Statement();
}

points::v1::CreateProgramRequest DemoProgram() {
  points::v1::CreateProgramRequest request;
  Program& program = *request.mutable_program();
  program.set_program_id(kProgramId);
  program.set_display_name("Demo coffee shop");
  program.set_currency_code("USD");
  program.set_time_zone("Europe/Rome");
  program.mutable_points_name()->set_singular("star");
  program.mutable_points_name()->set_plural("stars");
  program.mutable_base_earn_rate()->set_points(1);
  program.mutable_base_earn_rate()->set_per_major_units(1);
  program.set_rounding_mode(points::v1::ROUNDING_MODE_FLOOR);
  program.set_enrollment_mode(points::v1::ENROLLMENT_MODE_OPEN);
  return request;
}

int Demo(const Session& session, int rows) {
  const auto channel = session.Connect();
  const auto programs = ProgramService::NewStub(channel);
  const auto created = session.Call(*programs, &ProgramService::Stub::CreateProgram, DemoProgram());
  if (!created.status.ok()) return session.Fail(created.status);
  const Program& program = created.response.program();
  if (!session.json) {
    session.out << "Program 'demo'" << (created.replayed ? " is there already" : " created")
                << "  [ProgramService.CreateProgram]\nImporting " << Thousands(rows)
                << " purchases  [PointsService.ImportPurchases]\n"
                << std::flush;
  }

  // All times come from the program's creation, so that the demo on the same data sends the same orders.
  const absl::Time end = FromTimestamp(program.create_time());
  std::istringstream csv(DemoPurchases(rows, end));
  const auto bytes = static_cast<int64_t>(csv.view().size());
  const ImportOutcome import = RunImport(
      session, channel,
      {.input = csv,
       .input_bytes = bytes,
       .rejected_path = "demo.rejected.csv",
       .program = program,
       .options = {.program_id = kProgramId, .answer_timeout = absl::Seconds(session.timeout_seconds)}});
  if (!session.json) session.out << SummaryText(import);
  if (import.exit_code != kOk) return import.exit_code;

  Story story(session, channel, program);
  const bool told = story.Tell(end);
  if (session.json) {
    session.out << nlohmann::ordered_json{{"program", nlohmann::ordered_json::parse(Json(program))},
                                          {"import", SummaryJson(import)},
                                          {"story", story.steps()}}
                       .dump(1)
                << '\n';
  }
  return told ? kOk : kFailed;
}

}  // namespace

void AddDemoCommand(CLI::App& app, Session& session) {
  CLI::App& demo = AddCommand(
      app, "demo", "Fill the program 'demo' with a shop's year and tell a customer's story", session);
  const auto rows = std::make_shared<int>(5000);
  demo.add_option("--rows", *rows, "Purchases in the shop's year")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  demo.callback([&session, rows] { session.exit_code = Demo(session, *rows); });
}

}  // namespace loyalty::cli
