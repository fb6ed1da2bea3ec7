#include "sandbox/payments/provider.h"

#include <gtest/gtest.h>

namespace loyalty::sandbox {
namespace {

using payments::v1::ChargeOutcome;

class ProviderTest : public ::testing::Test {
 protected:
  // The call's code and outcome; the outcome is 0 if the call failed.
  std::pair<grpc::StatusCode, ChargeOutcome> Charge(const std::string& key, const std::string& method,
                                                    int64_t amount = 500) {
    payments::v1::ChargeRequest request;
    payments::v1::ChargeResponse response;
    request.set_idempotency_key(key);
    request.set_member_id("anna");
    request.set_payment_method(method);
    request.set_amount_minor(amount);
    request.set_currency_code("EUR");
    const grpc::Status status = provider_.Charge(nullptr, &request, &response);
    return {status.error_code(), status.ok() ? response.charge().outcome() : ChargeOutcome(0)};
  }
  std::pair<grpc::StatusCode, ChargeOutcome> Get(const std::string& key) {
    payments::v1::GetChargeRequest request;
    payments::v1::GetChargeResponse response;
    request.set_idempotency_key(key);
    const grpc::Status status = provider_.GetCharge(nullptr, &request, &response);
    return {status.error_code(), response.charge().outcome()};
  }
  grpc::StatusCode Refund(const std::string& key) {
    payments::v1::RefundRequest request;
    payments::v1::RefundResponse response;
    request.set_idempotency_key(key);
    return provider_.Refund(nullptr, &request, &response).error_code();
  }

  PaymentProvider provider_;
};

TEST_F(ProviderTest, AKeyMovesMoneyOnce) {
  EXPECT_EQ(Charge("k", "card").second, payments::v1::CHARGE_OUTCOME_SUCCEEDED);
  EXPECT_EQ(Charge("k", "card").second, payments::v1::CHARGE_OUTCOME_SUCCEEDED);
  EXPECT_EQ(provider_.charges().size(), 1);
  EXPECT_EQ(Charge("k", "card", 501).first, grpc::ALREADY_EXISTS);
}

TEST_F(ProviderTest, TheFirstChargesAreDeclinedAsAsked) {
  EXPECT_EQ(Charge("k1", "decline:2").second, payments::v1::CHARGE_OUTCOME_DECLINED);
  EXPECT_EQ(Charge("k2", "decline:2").second, payments::v1::CHARGE_OUTCOME_DECLINED);
  EXPECT_EQ(Charge("k3", "decline:2").second, payments::v1::CHARGE_OUTCOME_SUCCEEDED);
  EXPECT_EQ(Charge("k4", "decline").second, payments::v1::CHARGE_OUTCOME_DECLINED);
}

TEST_F(ProviderTest, ALostAnswerIsACharge) {
  EXPECT_EQ(Charge("k1", "lost:1").first, grpc::UNAVAILABLE);
  EXPECT_EQ(Get("k1").second, payments::v1::CHARGE_OUTCOME_SUCCEEDED);
  EXPECT_EQ(Charge("k2", "lost:1").first, grpc::OK);
}

TEST_F(ProviderTest, ACallThatTimesOutIsACharge) {
  EXPECT_EQ(Charge("k1", "timeout:1").first, grpc::UNAVAILABLE);
  EXPECT_EQ(Get("k1").second, payments::v1::CHARGE_OUTCOME_SUCCEEDED);
  EXPECT_EQ(Charge("k2", "timeout:1").first, grpc::OK);
}

TEST_F(ProviderTest, ACallWhileItIsAwayIsNone) {
  EXPECT_EQ(Charge("k", "away:1").first, grpc::UNAVAILABLE);
  EXPECT_EQ(Get("k").first, grpc::NOT_FOUND);
  EXPECT_EQ(Charge("k", "away:1").second, payments::v1::CHARGE_OUTCOME_SUCCEEDED);
  EXPECT_EQ(provider_.charges().size(), 1);
}

TEST_F(ProviderTest, WhatIsPendingHasSucceededWhenAsked) {
  EXPECT_EQ(Charge("k", "pending").second, payments::v1::CHARGE_OUTCOME_PENDING);
  EXPECT_EQ(Get("k").second, payments::v1::CHARGE_OUTCOME_SUCCEEDED);
  EXPECT_EQ(provider_.charges()[0].event_sequence(), 2);
}

TEST_F(ProviderTest, OnlyWhatSucceededIsGivenBackAndOnce) {
  Charge("k1", "card");
  Charge("k2", "decline");
  EXPECT_EQ(Refund("k1"), grpc::OK);
  EXPECT_EQ(Refund("k1"), grpc::OK);
  EXPECT_TRUE(provider_.charges()[0].refunded());
  EXPECT_EQ(Refund("k2"), grpc::FAILED_PRECONDITION);
  EXPECT_EQ(Refund("k3"), grpc::NOT_FOUND);
  EXPECT_EQ(Get("k3").first, grpc::NOT_FOUND);
}

}  // namespace
}  // namespace loyalty::sandbox
