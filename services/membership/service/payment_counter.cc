#include "services/membership/service/payment_counter.h"

#include <array>
#include <map>
#include <utility>

namespace loyalty::membership {
namespace {

using Kind = ProviderCall::Kind;

constexpr std::array kOutcomes = {"unknown", "not_attempted", "pending", "declined",
                                  "succeeded"};  // Outcome's
constexpr std::array kRefunds = {"unknown", "refused", "succeeded"};
using Counters = std::array<metrics::Counter*, kOutcomes.size()>;

size_t RefundOutcome(const PaymentAnswer& answer) { return !answer.refunded ? 0 : *answer.refunded ? 2 : 1; }

class CountedCalls final : public PaymentCalls {
 public:
  CountedCalls(std::unique_ptr<PaymentCalls> calls, metrics::Registry& registry) : calls_(std::move(calls)) {
    auto& family = prometheus::BuildCounter()
                       .Name("loyalty_payment_answers_total")
                       .Help("Calls of the payment provider, by their outcome.")
                       .Register(registry);
    for (size_t i = 0; i < kOutcomes.size(); ++i) {
      counters_[Kind::kCharge][i] = &family.Add({{"call", "charge"}, {"outcome", kOutcomes[i]}});
      counters_[Kind::kLook][i] = &family.Add({{"call", "look"}, {"outcome", kOutcomes[i]}});
    }
    for (size_t i = 0; i < kRefunds.size(); ++i) {
      counters_[Kind::kRefund][i] = &family.Add({{"call", "refund"}, {"outcome", kRefunds[i]}});
    }
  }

  void Send(const PaymentCall& call, Done done) override {
    calls_->Send(call, [counters = counters_.at(call.kind), is_refund = call.kind == Kind::kRefund,
                        done = std::move(done)](const PaymentAnswer& answer) {
      counters[is_refund ? RefundOutcome(answer) : static_cast<size_t>(answer.news.outcome)]->Increment();
      done(answer);
    });
  }

 private:
  const std::unique_ptr<PaymentCalls> calls_;
  std::map<Kind, Counters> counters_;
};

}  // namespace

std::unique_ptr<PaymentCalls> CountPayments(std::unique_ptr<PaymentCalls> calls,
                                            metrics::Registry& registry) {
  return std::make_unique<CountedCalls>(std::move(calls), registry);
}

}  // namespace loyalty::membership
