// A referral server with one program, "shop", beside a points service of the test's own, and a client that
// speaks to it over TCP in one line a call:
//
//   const auto claimed = Call(&Referrals::ClaimReferral, "friend_id: 'bert', code: 'anna', request_id:
//   'r1'"); EXPECT_THAT(Call(&Referrals::LookUpCode, "…"), Refused(StatusCode::NOT_FOUND, "CODE_NOT_FOUND"));
//
// Requests are JSON without the outer braces. Those that have a program_id and do not name it ask "shop".
#pragma once

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/testing/fake_points.h"
#include "common/testing/in_process_server.h"
#include "loyalty/points/v1/event.pb.h"
#include "loyalty/referral/v1/campaign_service.grpc.pb.h"
#include "loyalty/referral/v1/referral_service.grpc.pb.h"
#include "loyalty/rpc/v1/status.pb.h"
#include "services/referral/definition.h"

namespace loyalty::referral {

using grpc::StatusCode;
using Campaigns = v1::CampaignService::StubInterface;
using Referrals = v1::ReferralService::StubInterface;

// An error as a client takes it apart.
struct WireError {
  StatusCode code = StatusCode::OK;
  std::string message, reason, domain;
  std::map<std::string, std::string> metadata;
  std::vector<std::pair<std::string, std::string>> violations;  // field and reason
};

inline WireError Decode(const rpc::v1::Status& status) {
  WireError error;
  error.code = static_cast<StatusCode>(status.code());
  error.message = status.message();
  for (const auto& detail : status.details()) {
    if (detail.type_url() == "type.googleapis.com/google.rpc.ErrorInfo") {
      rpc::v1::ErrorInfo info;
      EXPECT_TRUE(info.ParseFromString(detail.value()));
      error.reason = info.reason();
      error.domain = info.domain();
      error.metadata = {info.metadata().begin(), info.metadata().end()};
    } else if (detail.type_url() == "type.googleapis.com/google.rpc.BadRequest") {
      rpc::v1::BadRequest bad;
      EXPECT_TRUE(bad.ParseFromString(detail.value()));
      for (const auto& violation : bad.field_violations()) {
        EXPECT_NE(violation.description(), "") << violation.field();
        error.violations.emplace_back(violation.field(), violation.reason());
      }
    }
  }
  return error;
}

inline WireError Decode(const grpc::Status& status) {
  rpc::v1::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  WireError error = Decode(details);
  if (!status.ok()) {
    EXPECT_EQ(error.code, status.error_code()) << "the code of the trailer and of the details";
  }
  error.code = status.error_code();
  error.message = status.error_message();
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
  out << "code " << error.code << " " << error.reason << " (" << error.message << ")";
  for (const auto& [field, reason] : error.violations) out << " " << field << ": " << reason;
  return out;
}
template <class Response>
std::ostream& operator<<(std::ostream& out, const Reply<Response>& reply) {
  if (!reply.ok()) return out << reply.error;
  return out << (reply.replayed ? "replayed " : "") << reply.body.ShortDebugString();
}

inline const WireError& ErrorOf(const WireError& error) { return error; }
template <class Response>
const WireError& ErrorOf(const Reply<Response>& reply) {
  return reply.error;
}
MATCHER_P2(Refused, code, reason, "") {
  const WireError& error = ErrorOf(arg);
  *result_listener << error << " of " << error.domain;
  return error.code == code && error.reason == reason && error.domain == "loyalty.referral.v1";
}
MATCHER(IsOk, "") { return arg.ok(); }

// Messages are compared as a whole.
MATCHER_P(IsMessage, expected, expected.ShortDebugString()) {
  return google::protobuf::util::MessageDifferencer::Equals(arg, expected);
}

template <class Message>
Message Parse(const std::string& json) {
  Message message;
  const auto status = google::protobuf::util::JsonStringToMessage("{" + json + "}", &message);
  EXPECT_TRUE(status.ok()) << status.ToString() << " in " << json;
  const auto* program = Message::descriptor()->FindFieldByName("program_id");
  if (program != nullptr && json.find("program_id") == std::string::npos) {
    message.GetReflection()->SetString(&message, program, "shop");
  }
  return message;
}

// The stubs of one server.
class Client {
 public:
  explicit Client(const std::shared_ptr<grpc::Channel>& channel)
      : campaigns_(v1::CampaignService::NewStub(channel)),
        referrals_(v1::ReferralService::NewStub(channel)) {}

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
    if constexpr (std::is_same_v<Stub, Campaigns>) return campaigns_.get();
    if constexpr (std::is_same_v<Stub, Referrals>) return referrals_.get();
  }

  std::unique_ptr<v1::CampaignService::Stub> campaigns_;
  std::unique_ptr<v1::ReferralService::Stub> referrals_;
};

// The worked example of README.md, as terms.
inline constexpr char kThreeBrackets[] =
    "display_name: 'Bring a friend', trigger: 'TRIGGER_FIRST_PURCHASE', minimum_amount_minor: 2000, "
    "friend_reward: {points: 500}, "
    "brackets: [{from_referral: 1, reward: {points: 100}}, {from_referral: 4, reward: {points: 200}}, "
    "{from_referral: 10, reward: {points: 400}}], milestones: [{referrals: 5, reward: {points: 1000}}]";
inline constexpr char kSignUpTerms[] =
    "display_name: 'Come in', trigger: 'TRIGGER_SIGN_UP', friend_reward: {points: 50}, "
    "brackets: [{from_referral: 1, reward: {points: 70}}]";

// A test on servers of its own, where it is noon (UTC) on the first of May 2026 until the test moves the
// clock.
class ServerTest : public ::testing::Test {
 protected:
  template <class Method>
  auto Call(Method method, const std::string& json) {
    return client_.Call(method, json);
  }
  void SetUp() override { server_.database().AddProgram("shop", "Europe/Rome", "EUR"); }

  // For what a test only needs to be there.
  template <class Method>
  void Seed(Method method, const std::string& json) {
    const auto reply = Call(method, json);
    ASSERT_TRUE(reply.ok()) << reply.error;
  }
  // An active campaign.
  void AddCampaign(const std::string& terms = kThreeBrackets, const std::string& id = "spring") {
    Seed(&Campaigns::CreateCampaign, absl::StrCat("campaign: {campaign_id: '", id, "', terms: {", terms,
                                                  "}}, request_id: 'create ", id, "'"));
    Seed(&Campaigns::ActivateCampaign,
         absl::StrCat("campaign_id: '", id, "', request_id: 'activate ", id, "'"));
  }
  // "anna" gets the code "code-of-anna".
  void AddCode(const std::string& member, const std::string& campaign = "spring") {
    Seed(&Referrals::CreateVanityCode,
         absl::StrCat("campaign_id: '", campaign, "', member_id: '", member, "', code: 'code-of-", member,
                      "', request_id: 'code of ", member, " in ", campaign, "'"));
  }
  Reply<v1::ClaimReferralResponse> Claim(const std::string& friend_id, const std::string& referrer = "anna") {
    return Call(&Referrals::ClaimReferral,
                absl::StrCat("friend_id: '", friend_id, "', code: 'code-of-", referrer,
                             "', request_id: 'claim ", friend_id, " ", referrer, "', actor: 'shop'"));
  }
  v1::GetReferralResponse Get(const std::string& friend_id) {
    const auto reply = Call(&Referrals::GetReferral, absl::StrCat("friend_id: '", friend_id, "'"));
    EXPECT_TRUE(reply.ok()) << reply;
    return *reply;
  }

  // What points' event stream tells, now. It is taken in by server_.RunDue("shop").
  void Buy(const std::string& member, const std::string& order_id, int64_t total_minor) {
    points::v1::EntryPosted posted;
    points::v1::Entry& entry = *posted.mutable_entry();
    entry.set_member_id(member);
    entry.set_kind(points::v1::ENTRY_KIND_PURCHASE);
    entry.set_order_id(order_id);
    entry.mutable_purchase()->set_order_id(order_id);
    entry.mutable_purchase()->set_total_minor(total_minor);
    entry.mutable_purchase()->mutable_purchase_time()->set_seconds(
        absl::ToUnixSeconds(server_.clock().Now()));
    points_.Emit("shop", posted, {member, "", "", server_.clock().Now()});
  }
  void GiveBack(const std::string& member, const std::string& order_id, const std::string& return_id,
                int64_t returned_minor) {
    points::v1::EntryPosted posted;
    points::v1::Entry& entry = *posted.mutable_entry();
    entry.set_member_id(member);
    entry.set_kind(points::v1::ENTRY_KIND_RETURN);
    entry.set_order_id(order_id);
    entry.set_return_id(return_id);
    entry.set_returned_minor(returned_minor);
    points_.Emit("shop", posted, {member, "", "", server_.clock().Now()});
  }

  // What a member has, as the points service would keep it.
  int64_t PointsOf(const std::string& member) const {
    int64_t points = 0;
    for (const auto& award : points_.awards()) points += award.member_id() == member ? award.points() : 0;
    for (const auto& taken : points_.reversals()) points -= taken.member_id() == member ? taken.points() : 0;
    return points;
  }
  // The first value of a query.
  std::string Ask(const std::string& sql) const { return server_.database().Exec(sql); }
  // The events so far, in order, without their package.
  std::string Events() const {
    return Ask("SELECT string_agg(split_part(type, '.', 4), ' ' ORDER BY position) FROM referral.outbox");
  }
  // A summary of all that is written. (Program 0 is the planner's.)
  std::string Written() const {
    std::string text;
    for (const char* table : {"campaign", "campaign_version", "code", "member", "referrer", "referral",
                              "transition", "milestone", "outbox", "request", "delivery", "event_head"}) {
      text += Ask(absl::StrCat("SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY "
                               "t::text)), '') FROM referral.",
                               table, " AS t WHERE program_key > 0")) +
              "\n";
    }
    return text;
  }

  testing::FakePoints points_;
  testing::InProcessServer server_{
      Definition(), rpc::ServerOptions{.points_address = points_.address(), .background = false}};
  Client client_{server_.channel()};
};

}  // namespace loyalty::referral
