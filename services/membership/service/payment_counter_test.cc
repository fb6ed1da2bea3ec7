#include "services/membership/service/payment_counter.h"

#include <gtest/gtest.h>

namespace loyalty::membership {
namespace {

// Answers what it is told to.
class Provider final : public PaymentCalls {
 public:
  explicit Provider(PaymentAnswer& answer) : answer_(answer) {}
  void Send(const PaymentCall&, Done done) override { done(answer_); }

 private:
  PaymentAnswer& answer_;
};

double Counted(metrics::Registry& registry, const std::string& call, const std::string& outcome) {
  for (const auto& family : registry.Collect()) {
    if (family.name != "loyalty_payment_answers_total") continue;
    for (const auto& metric : family.metric) {
      if (metric.label.at(0).value == call && metric.label.at(1).value == outcome)
        return metric.counter.value;
    }
  }
  return -1;
}

TEST(PaymentCounter, EveryCallAndOutcomeIsThereFromTheStartAndPassesOnTheAnswer) {
  metrics::Registry registry;
  PaymentAnswer answer;
  const auto calls = CountPayments(std::make_unique<Provider>(answer), registry);
  for (const char* call : {"charge", "look"}) {
    for (const char* outcome : {"unknown", "not_attempted", "pending", "declined", "succeeded"})
      EXPECT_EQ(Counted(registry, call, outcome), 0) << call << " " << outcome;
  }
  for (const char* outcome : {"unknown", "refused", "succeeded"})
    EXPECT_EQ(Counted(registry, "refund", outcome), 0);

  int answered = 0;
  const auto send = [&](ProviderCall::Kind kind) {
    calls->Send({.kind = kind}, [&](const PaymentAnswer&) { ++answered; });
  };
  answer.news.outcome = Outcome::kDeclined;
  send(ProviderCall::Kind::kCharge);
  answer.news.outcome = Outcome::kSucceeded;
  send(ProviderCall::Kind::kLook);
  answer = {};
  send(ProviderCall::Kind::kRefund);
  answer.refunded = true;
  send(ProviderCall::Kind::kRefund);
  answer.refunded = false;
  send(ProviderCall::Kind::kRefund);
  EXPECT_EQ(answered, 5);
  EXPECT_EQ(Counted(registry, "charge", "declined"), 1);
  EXPECT_EQ(Counted(registry, "look", "succeeded"), 1);
  for (const char* outcome : {"unknown", "refused", "succeeded"})
    EXPECT_EQ(Counted(registry, "refund", outcome), 1) << outcome;
}

}  // namespace
}  // namespace loyalty::membership
