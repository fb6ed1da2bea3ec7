// A membership server with one program, "shop" in Rome, beside a points service and a payment provider of the
// test's own, and a client that speaks to it over TCP in one line a call:
//
//   const auto joined = Call(&Memberships::Subscribe, "member_id: 'anna', plan_id: 'prime'");
//   EXPECT_THAT(Call(&Memberships::GetMembership, "membership_id: 7"),
//               Refused(StatusCode::NOT_FOUND, "MEMBERSHIP_NOT_FOUND"));
//
// Requests are JSON without the outer braces. What they do not name: the program is "shop", the request id a
// new one, the actor of a change "bob".
#pragma once

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/testing/fake_points.h"
#include "common/testing/in_process_server.h"
#include "loyalty/membership/v1/billing_service.grpc.pb.h"
#include "loyalty/membership/v1/event.pb.h"
#include "loyalty/membership/v1/membership_service.grpc.pb.h"
#include "loyalty/membership/v1/plan_service.grpc.pb.h"
#include "loyalty/rpc/v1/status.pb.h"
#include "sandbox/payments/provider.h"
#include "services/membership/definition.h"

namespace loyalty::membership {

using grpc::StatusCode;
using Plans = v1::PlanService::StubInterface;
using Memberships = v1::MembershipService::StubInterface;
using Billings = v1::BillingService::StubInterface;

// An error as a client takes it apart.
struct WireError {
  StatusCode code = StatusCode::OK;
  std::string message, reason, domain;
  std::map<std::string, std::string> metadata;
  std::vector<std::string> violations;  // "field REASON"
};

inline WireError Decode(const grpc::Status& status) {
  WireError error{status.error_code(), status.error_message(), "", "", {}, {}};
  rpc::v1::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  for (const auto& detail : details.details()) {
    rpc::v1::ErrorInfo info;
    rpc::v1::BadRequest bad;
    if (detail.type_url() == "type.googleapis.com/google.rpc.ErrorInfo" &&
        info.ParseFromString(detail.value())) {
      error.reason = info.reason();
      error.domain = info.domain();
      error.metadata = {info.metadata().begin(), info.metadata().end()};
    } else if (detail.type_url() == "type.googleapis.com/google.rpc.BadRequest" &&
               bad.ParseFromString(detail.value())) {
      for (const auto& violation : bad.field_violations()) {
        EXPECT_NE(violation.description(), "") << violation.field();
        error.violations.push_back(absl::StrCat(violation.field(), " ", violation.reason()));
      }
    }
  }
  return error;
}

template <class Response>
struct Reply {
  bool ok() const { return error.code == StatusCode::OK; }
  const Response& operator*() const { return body; }
  const Response* operator->() const { return &body; }

  WireError error;
  Response body;
  bool replayed = false;
};

inline std::ostream& operator<<(std::ostream& out, const WireError& error) {
  return out << "code " << error.code << " " << error.reason << " (" << error.message << ") "
             << absl::StrJoin(error.violations, ", ");
}
template <class Response>
std::ostream& operator<<(std::ostream& out, const Reply<Response>& reply) {
  if (!reply.ok()) return out << reply.error;
  return out << (reply.replayed ? "replayed " : "") << reply.body.ShortDebugString();
}

MATCHER_P2(Refused, code, reason, "") {
  *result_listener << arg.error << " of " << arg.error.domain;
  return arg.error.code == code && arg.error.reason == reason && arg.error.domain == "loyalty.membership.v1";
}
MATCHER(IsOk, "") {
  if (!arg.ok()) *result_listener << arg.error;
  return arg.ok();
}
// Messages are compared as a whole.
MATCHER_P(IsMessage, expected, expected.ShortDebugString()) {
  return google::protobuf::util::MessageDifferencer::Equals(arg, expected);
}

inline std::string NewRequestId() {
  static std::atomic<int> count = 0;
  return absl::StrCat("request-", ++count);
}

template <class Message>
Message Parse(const std::string& json) {
  Message message;
  const auto status = google::protobuf::util::JsonStringToMessage("{" + json + "}", &message);
  EXPECT_TRUE(status.ok()) << status.ToString() << " in " << json;
  const auto fill = [&](const char* name, const std::string& value) {
    const auto* field = Message::descriptor()->FindFieldByName(name);
    if (field == nullptr || json.find(absl::StrCat(name, ":")) != std::string::npos) return;
    message.GetReflection()->SetString(&message, field, value);
  };
  fill("program_id", "shop");
  fill("request_id", NewRequestId());
  fill("actor", "bob");
  return message;
}

// The stubs of one server.
class Client {
 public:
  explicit Client(const std::shared_ptr<grpc::Channel>& channel)
      : plans_(v1::PlanService::NewStub(channel)),
        memberships_(v1::MembershipService::NewStub(channel)),
        billings_(v1::BillingService::NewStub(channel)) {}

  template <class Stub, class Request, class Response>
  Reply<Response> Send(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                       const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    Reply<Response> reply;
    const grpc::Status status = (Get<Stub>()->*method)(&context, request, &reply.body);
    if (!status.ok()) reply.error = Decode(status);
    const auto& trailers = context.GetServerTrailingMetadata();
    const auto replayed = trailers.find("replayed");
    reply.replayed = replayed != trailers.end() && replayed->second == "true";
    return reply;
  }
  template <class Stub, class Request, class Response>
  Reply<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                       const std::string& json) {
    return Send(method, Parse<Request>(json));
  }

 private:
  template <class Stub>
  Stub* Get() {
    if constexpr (std::is_same_v<Stub, Plans>) return plans_.get();
    if constexpr (std::is_same_v<Stub, Memberships>) return memberships_.get();
    if constexpr (std::is_same_v<Stub, Billings>) return billings_.get();
  }

  std::unique_ptr<v1::PlanService::Stub> plans_;
  std::unique_ptr<v1::MembershipService::Stub> memberships_;
  std::unique_ptr<v1::BillingService::Stub> billings_;
};

// The sandbox provider on a free port.
class TestProvider {
 public:
  TestProvider() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&provider_);
    server_ = builder.BuildAndStart();
  }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  // In the order in which they were made.
  std::vector<payments::v1::Charge> charges() const { return provider_.charges(); }
  // The money that it holds, in minor units.
  int64_t held() const {
    int64_t sum = 0;
    for (const payments::v1::Charge& charge : charges()) {
      const bool paid = charge.outcome() == payments::v1::CHARGE_OUTCOME_SUCCEEDED && !charge.refunded();
      sum += paid ? charge.amount_minor() : 0;
    }
    return sum;
  }

 private:
  sandbox::PaymentProvider provider_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// 9.90 a month; four visits to the lounge, points twice, 500 points for joining; retries on days 1, 3, 5, 7.
inline constexpr char kPrime[] =
    "display_name: 'Prime', billing: {kind: 'BILLING_KIND_MONTHLY', count: 1}, "
    "prices: [{currency_code: 'EUR', amount_minor: 990}, {currency_code: 'USD', amount_minor: 1090}], "
    "benefits: [{benefit_id: 'shipping', kind: 'BENEFIT_KIND_FLAG'}, "
    "{benefit_id: 'lounge', kind: 'BENEFIT_KIND_QUOTA', quota: 4}, "
    "{benefit_id: 'double', kind: 'BENEFIT_KIND_POINTS_MULTIPLIER', multiplier: {numerator: 2, denominator: "
    "1}}, "
    "{benefit_id: 'welcome', kind: 'BENEFIT_KIND_SIGN_UP_POINTS', points: 500}], "
    "dunning: {retry_days: [1, 3, 5, 7]}";

// In Rome.
inline absl::Time At(int year, int month, int day, int hour = 10, int minute = 0) {
  absl::TimeZone rome;
  EXPECT_TRUE(absl::LoadTimeZone("Europe/Rome", &rome));
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, 0), rome);
}
inline absl::Time TimeOf(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

// A test on servers of its own, where it is noon (UTC) on the first of May 2026 until the test moves the
// clock.
class ServerTest : public ::testing::Test {
 protected:
  template <class Method>
  auto Call(Method method, const std::string& json) {
    return client_.Call(method, json);
  }
  void SetUp() override { server_.database().AddProgram("shop", "Europe/Rome", "EUR"); }

  void AddPlan(const std::string& id = "prime", const std::string& settings = kPrime,
               const std::string& program = "shop") {
    const auto reply = Call(&Plans::CreatePlan, absl::StrCat("plan: {program_id: '", program, "', plan_id: '",
                                                             id, "', ", settings, "}"));
    ASSERT_THAT(reply, IsOk());
  }
  // Of the plan "prime".
  Reply<v1::SubscribeResponse> Subscribe(const std::string& member, const std::string& method = "card",
                                         const std::string& more = "") {
    return Call(&Memberships::Subscribe,
                absl::StrCat("member_id: '", member, "', plan_id: 'prime', payment_method: '", method, "'",
                             more.empty() ? "" : ", ", more));
  }
  // A member who has paid. Returns the membership's id.
  int64_t Join(const std::string& member, const std::string& method = "card") {
    const auto reply = Subscribe(member, method);
    EXPECT_EQ(reply->membership().state(), v1::MEMBERSHIP_STATE_ACTIVE) << reply;
    return reply->membership().membership_id();
  }
  v1::GetMembershipResponse Get(int64_t id) {
    const auto reply = Call(&Memberships::GetMembership, absl::StrCat("membership_id: ", id));
    EXPECT_THAT(reply, IsOk());
    return *reply;
  }
  v1::MembershipState StateOf(int64_t id) { return Get(id).membership().state(); }
  v1::Invoice Invoice(int64_t number) {
    const auto reply = Call(&Billings::GetInvoice, absl::StrCat("invoice_number: ", number));
    EXPECT_THAT(reply, IsOk());
    return reply->invoice();
  }
  // "SUBSCRIBE ACTIVATE", the oldest first.
  std::string Path(int64_t id) {
    const auto found = Get(id);
    std::vector<std::string> names;
    for (int i = found.history_size() - 1; i >= 0; --i) {
      names.push_back(v1::MembershipTransition_Name(found.history(i).transition())
                          .substr(std::string("MEMBERSHIP_TRANSITION_").size()));
    }
    return absl::StrJoin(names, " ");
  }
  // Moves the clock, and does what is due there.
  void GoTo(absl::Time time) {
    server_.clock().Set(time);
    server_.RunDue("shop");
  }
  // How many rows of a table belong to a program. (Program 0 is the planner's.)
  std::string Count(const std::string& table, const std::string& where = "true") const {
    return server_.database().Exec("SELECT count(*) FROM membership." + table +
                                   " WHERE program_key > 0 AND " + where);
  }
  // A summary of all that is written.
  std::string Written() const {
    std::string text = server_.database().Exec(
        "SELECT concat_ws(' ', (SELECT sum(history_count + state) FROM membership.membership WHERE "
        "program_key > 0), "
        "(SELECT sum(last_number) FROM membership.invoice_counter), (SELECT sum(used) FROM "
        "membership.benefit_use "
        "WHERE program_key > 0), (SELECT count(*) FROM membership.plan WHERE archive_time < 'infinity'))");
    for (const char* table : {"plan", "plan_benefit", "membership", "membership_history", "invoice", "charge",
                              "benefit_use", "outbox", "delivery", "request"}) {
      text += " " + Count(table);
    }
    return text;
  }
  // How many events of a type there are: "MembershipChanged".
  std::string Events(const std::string& type) const {
    return Count("outbox", "type = 'loyalty.membership.v1." + type + "'");
  }

  testing::FakePoints points_;
  TestProvider provider_;
  testing::InProcessServer server_{
      Definition(provider_.address()),
      rpc::ServerOptions{.points_address = points_.address(), .background = false}};
  Client client_{server_.channel()};
};

// Runs `body(0)` to `body(count - 1)` at the same time.
inline void InThreads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace loyalty::membership
