// Deliveries over the wire, and the real calls to points.
#include "common/delivery/delivery_service.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rpc/error.h"
#include "common/status/status.h"
#include "common/testing/fake_points.h"
#include "common/testing/shop.h"

namespace loyalty::delivery {
namespace {

namespace v1 = events::v1;

class DeliveryServiceTest : public ::testing::Test {
 protected:
  DeliveryServiceTest() {
    rpc::ServiceDefinition definition = testing::ShopDefinition();
    definition.calls_points = true;
    server_ = shop_.Serve(definition, {.points_address = points_.address(), .background = false});
    stub_ = v1::DeliveryService::NewStub(shop_.ChannelTo(*server_));
    due_ = admin::v1::DueService::NewStub(shop_.ChannelTo(*server_));
  }
  void Award(const std::string& member, int64_t points) {
    shop_.Do([&](work::Work& work) {
      work.Award(
          {.cause = "deed:1", .part = "it", .member_id = member, .points = points, .reason = "a deed"});
    });
  }
  void TakeBack(const std::string& member, int64_t points) {
    shop_.Do([&](work::Work& work) {
      work.TakeBack({.cause = "return:1",
                     .part = "it",
                     .points = points,
                     .reason = "undone",
                     .of = {"deed:1", "it", member}});
    });
  }
  absl::StatusOr<int64_t> RunDue() {
    grpc::ClientContext context;
    admin::v1::RunDueRequest request;
    admin::v1::RunDueResponse response;
    request.set_program_id("shop");
    const absl::Status status = rpc::FromGrpc(due_->RunDue(&context, request, &response));
    if (!status.ok()) return status;
    return response.done_count();
  }
  v1::ListDeliveriesResponse List(v1::DeliveryState state = v1::DELIVERY_STATE_UNSPECIFIED,
                                  const std::string& member = "", int page_size = 0,
                                  const std::string& token = "") {
    grpc::ClientContext context;
    v1::ListDeliveriesRequest request;
    v1::ListDeliveriesResponse response;
    request.set_program_id("shop");
    request.set_state(state);
    request.set_member_id(member);
    request.set_page_size(page_size);
    request.set_page_token(token);
    const grpc::Status status = stub_->ListDeliveries(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  absl::Status Retry(int64_t id, bool validate_only = false) {
    grpc::ClientContext context;
    v1::RetryDeliveryRequest request;
    v1::RetryDeliveryResponse response;
    request.set_program_id("shop");
    request.set_delivery_id(id);
    request.set_validate_only(validate_only);
    return rpc::FromGrpc(stub_->RetryDelivery(&context, request, &response));
  }
  void RefuseMembers() {
    points_.AnswerWith([](const std::string&) {
      return rpc::ToGrpc(Refuse(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND", "There is no such member."),
                         "loyalty.points.v1");
    });
  }

  testing::Shop shop_;
  testing::FakePoints points_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<v1::DeliveryService::Stub> stub_;
  std::unique_ptr<admin::v1::DueService::Stub> due_;
};

TEST_F(DeliveryServiceTest, TheThreeCallsCarryWhatWasNoted) {
  Award("anna", 100);
  shop_.Do([&](work::Work& work) {
    work.SetLabel({.cause = "plan:1",
                   .part = "label",
                   .member_id = "anna",
                   .label = "gold",
                   .from = testing::kTestStart,
                   .until = testing::kTestStart + absl::Hours(24),
                   .reason = "plan"});
  });
  EXPECT_EQ(RunDue().value(), 2);
  TakeBack("anna", 40);
  EXPECT_EQ(RunDue().value(), 1);

  const auto awards = points_.awards();
  ASSERT_EQ(awards.size(), 1u);
  EXPECT_EQ(awards[0].program_id(), "shop");
  EXPECT_EQ(awards[0].member_id(), "anna");
  EXPECT_EQ(awards[0].points(), 100);
  EXPECT_EQ(awards[0].reason(), "a deed");
  EXPECT_EQ(awards[0].cause(), "deed:1");
  EXPECT_EQ(awards[0].actor(), "loyalty-shop");
  EXPECT_EQ(awards[0].occurred_time().seconds(), absl::ToUnixSeconds(testing::kTestStart));
  const auto labels = points_.labels();
  ASSERT_EQ(labels.size(), 1u);
  EXPECT_EQ(labels[0].label(), "gold");
  EXPECT_EQ(labels[0].from_time().seconds(), absl::ToUnixSeconds(testing::kTestStart));
  EXPECT_EQ(labels[0].until_time().seconds(), absl::ToUnixSeconds(testing::kTestStart) + 86'400);
  const auto reversals = points_.reversals();
  ASSERT_EQ(reversals.size(), 1u);
  EXPECT_EQ(reversals[0].reversed_request_id(), awards[0].request_id());
  EXPECT_EQ(reversals[0].points(), 40);
  EXPECT_EQ(reversals[0].reason(), "undone");
}

TEST_F(DeliveryServiceTest, ALostAnswerDoublesNothing) {
  points_.LoseAnswers(true);
  Award("anna", 100);
  EXPECT_TRUE(absl::IsUnavailable(RunDue().status()));
  points_.LoseAnswers(false);
  EXPECT_EQ(RunDue().value(), 1);
  EXPECT_EQ(points_.awards().size(), 1u);
  EXPECT_EQ(points_.calls(), 2);
}

TEST_F(DeliveryServiceTest, ARefusedAwardIsListedAndArrivesAfterARetryAndIsThenTakenBack) {
  RefuseMembers();
  Award("anna", 100);
  EXPECT_EQ(RunDue().value(), 1);
  TakeBack("anna", 30);
  EXPECT_EQ(RunDue().value(), 1);
  const auto refused = List(v1::DELIVERY_STATE_REFUSED);
  ASSERT_EQ(refused.deliveries_size(), 1);
  const v1::Delivery& award = refused.deliveries(0);
  EXPECT_EQ(award.refusal_reason(), "MEMBER_NOT_FOUND");
  EXPECT_EQ(award.refusal_message(), "There is no such member.");
  EXPECT_EQ(award.points(), 100);
  EXPECT_TRUE(award.has_end_time());
  const auto cancelled = List(v1::DELIVERY_STATE_CANCELLED);
  ASSERT_EQ(cancelled.deliveries_size(), 1);
  EXPECT_EQ(cancelled.deliveries(0).reversed_delivery_id(), award.delivery_id());

  points_.AnswerWith(nullptr);
  EXPECT_TRUE(Retry(award.delivery_id(), /*validate_only=*/true).ok());
  EXPECT_EQ(RunDue().value(), 0);
  EXPECT_TRUE(Retry(award.delivery_id()).ok());
  EXPECT_EQ(RunDue().value(), 2);
  EXPECT_EQ(points_.awards().size(), 1u);
  EXPECT_EQ(points_.reversals().size(), 1u);
  EXPECT_EQ(RefusalOf(Retry(award.delivery_id()))->reason, "DELIVERY_ENDED");
  EXPECT_EQ(RefusalOf(Retry(99))->reason, "DELIVERY_NOT_FOUND");
}

TEST_F(DeliveryServiceTest, ARefusedLabelIsNotTriedAgainAfterALaterOne) {
  const auto set = [&](const std::string& cause) {
    shop_.Do([&](work::Work& work) {
      work.SetLabel({.cause = cause,
                     .part = "l",
                     .member_id = "anna",
                     .label = "gold",
                     .from = work.now(),
                     .reason = "p"});
    });
  };
  RefuseMembers();
  set("plan:1");
  EXPECT_EQ(RunDue().value(), 1);
  points_.AnswerWith(nullptr);
  set("plan:2");
  EXPECT_EQ(RunDue().value(), 1);
  EXPECT_EQ(RefusalOf(Retry(List(v1::DELIVERY_STATE_REFUSED).deliveries(0).delivery_id()))->reason,
            "LABEL_SUPERSEDED");
}

TEST_F(DeliveryServiceTest, PagesGoBackInTimeAndFiltersHold) {
  for (const std::string member : {"anna", "ben", "anna2", "cleo", "dora"}) Award(member, 1);
  TakeBack("ben", 1);
  std::string members, token;
  do {
    const auto page = List(v1::DELIVERY_STATE_PENDING, "", 2, token);
    EXPECT_LE(page.deliveries_size(), 2);
    for (const auto& delivery : page.deliveries()) absl::StrAppend(&members, delivery.member_id(), " ");
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(members, "dora cleo anna2 anna ");
  EXPECT_EQ(List().deliveries_size(), 5);
  EXPECT_EQ(List(v1::DELIVERY_STATE_UNSPECIFIED, "ben").deliveries_size(), 1);
  EXPECT_EQ(List(v1::DELIVERY_STATE_PENDING, "ben").deliveries_size(), 0);
}

}  // namespace
}  // namespace loyalty::delivery
