#include "bench/calls.h"

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <iostream>
#include <random>

#include "loyalty/points/v1/earn_rule_service.grpc.pb.h"
#include "loyalty/points/v1/points_service.grpc.pb.h"
#include "loyalty/points/v1/program_service.grpc.pb.h"

namespace loyalty::bench {
namespace {

// A random UUID (version 4), as a client would send.
std::string RandomId(std::mt19937_64& random) {
  std::string id = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
  uint64_t bits = 0;
  int left = 0;
  for (char& c : id) {
    if (c != 'x' && c != 'y') continue;
    if (left == 0) {
      bits = random();
      left = 16;
    }
    c = "0123456789abcdef"[c == 'x' ? bits & 15 : 8 | (bits & 3)];
    bits >>= 4;
    --left;
  }
  return id;
}

grpc::ByteBuffer Bytes(const google::protobuf::Message& message) {
  const std::string text = message.SerializeAsString();
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

std::string RandomMember(std::mt19937_64& random, int members) {
  return absl::StrCat("bench-", 1 + random() % static_cast<unsigned>(members));
}

constexpr char kPlain[] = "display_name: 'Bench', currency_code: 'USD', time_zone: 'UTC'";
constexpr char kPolicies[] = R"(policies: {
  expiry: {rolling_months: 12, round_up: EXPIRY_ROUND_UP_MONTH_END}
  tiers: {
    metric: TIER_METRIC_MONEY_SPENT, period: TIER_PERIOD_CALENDAR_YEAR
    tiers: {tier_id: 'bronze', display_name: 'Bronze', threshold: 10000}
    tiers: {tier_id: 'silver', display_name: 'Silver', threshold: 50000, multiplier: {numerator: 5, denominator: 4}}
    tiers: {tier_id: 'gold', display_name: 'Gold', threshold: 200000, multiplier: {numerator: 3, denominator: 2}}
  }
})";
constexpr const char* kRules[] = {
    "rule_id: 'big', display_name: 'Orders of 30 dollars', conditions: {minimum_order_minor: 3000}, "
    "effect: {multiplier: {numerator: 2, denominator: 1}}",
    "rule_id: 'launch', display_name: 'Launch', effect: {fixed_points: {points: 5}}, "
    "limits: {budget_points: 1000000000000}",
    "rule_id: 'daily', display_name: 'Daily', effect: {points_per_item: {points: 2}}, "
    "limits: {points_per_member_day: 100000}"};

template <class Request>
Request Parse(const std::string& text) {
  Request request;
  if (!google::protobuf::TextFormat::ParseFromString(text, &request))
    std::cerr << "Bad text: " << text << "\n";
  return request;
}

bool Ok(const grpc::Status& status, const std::string& what) {
  if (!status.ok()) std::cerr << "Cannot create " << what << ": " << status.error_message() << "\n";
  return status.ok();
}

bool CreateProgram(const std::shared_ptr<grpc::Channel>& channel, const std::string& id,
                   const std::string& settings) {
  grpc::ClientContext context;
  points::v1::CreateProgramResponse response;
  const auto request = Parse<points::v1::CreateProgramRequest>(
      absl::StrCat("program: {program_id: '", id, "', ", settings, "}"));
  return Ok(points::v1::ProgramService::NewStub(channel)->CreateProgram(&context, request, &response), id);
}

bool CreateRule(const std::shared_ptr<grpc::Channel>& channel, int number, const std::string& rule) {
  grpc::ClientContext context;
  points::v1::CreateEarnRuleResponse response;
  const auto request = Parse<points::v1::CreateEarnRuleRequest>(
      absl::StrCat("actor: 'bench', request_id: 'rule-", number, "', rule: {program_id: '", kRuledProgram,
                   "', ", rule, "}"));
  return Ok(points::v1::EarnRuleService::NewStub(channel)->CreateEarnRule(&context, request, &response),
            rule);
}

void EnrollAll(const std::shared_ptr<grpc::Channel>& channel, const std::string& program, int members) {
  int next = 0;
  const Call enroll = {"/loyalty.points.v1.PointsService/Earn", [&next, &program, members] {
                         points::v1::EarnRequest earn;
                         next = std::min(next + 1, members);
                         earn.set_program_id(program);
                         earn.set_member_id(absl::StrCat("bench-", next));
                         earn.set_request_id(absl::StrCat("enroll-", next));
                         earn.set_points(1);
                         return Bytes(earn);
                       }};
  while (next < members) RunUnary({channel}, enroll, 256, 0.5);
}

}  // namespace

Call NoOp() {
  return {"/grpc.health.v1.Health/Check",
          [] { return grpc::ByteBuffer(Bytes(points::v1::GetProgramRequest())); }};
}

Call EarnCall(int members) {
  auto random = std::make_shared<std::mt19937_64>(std::random_device{}());
  return {"/loyalty.points.v1.PointsService/Earn", [random, members] {
            points::v1::EarnRequest request;
            request.set_program_id(kProgram);
            request.set_member_id(RandomMember(*random, members));
            request.set_request_id(RandomId(*random));
            request.set_points(10);
            request.set_reason("bench");
            return Bytes(request);
          }};
}

Call PurchaseCall(const std::string& program, int members) {
  auto random = std::make_shared<std::mt19937_64>(std::random_device{}());
  return {"/loyalty.points.v1.PointsService/RecordPurchase", [random, program, members] {
            points::v1::RecordPurchaseRequest request;
            request.set_program_id(program);
            request.set_member_id(RandomMember(*random, members));
            request.set_request_id(RandomId(*random));
            points::v1::Purchase& purchase = *request.mutable_purchase();
            purchase.set_order_id(request.request_id());
            purchase.mutable_purchase_time()->set_seconds(absl::ToUnixSeconds(absl::Now()));
            purchase.set_total_minor(1'000 + static_cast<int64_t>((*random)() % 5'000));
            points::v1::PurchaseLine& line = *purchase.add_lines();
            line.set_sku("tea");
            line.set_quantity(1);
            line.set_amount_minor(purchase.total_minor());
            return Bytes(request);
          }};
}

bool Prepare(const std::shared_ptr<grpc::Channel>& channel, int members) {
  if (!CreateProgram(channel, kProgram, kPlain)) return false;
  if (!CreateProgram(channel, kRuledProgram, absl::StrCat(kPlain, ", ", kPolicies))) return false;
  int number = 0;
  for (const char* rule : kRules) {
    if (!CreateRule(channel, ++number, rule)) return false;
  }
  EnrollAll(channel, kProgram, members);
  EnrollAll(channel, kRuledProgram, members);
  return true;
}

}  // namespace loyalty::bench
