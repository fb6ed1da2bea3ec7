#include "services/membership/definition.h"

#include <absl/flags/flag.h>
#include <absl/strings/numbers.h>

#include "membership_sql.h"
#include "services/membership/jobs/due_works.h"
#include "services/membership/service/billing_service.h"
#include "services/membership/service/membership_service.h"
#include "services/membership/service/payment_counter.h"
#include "services/membership/service/plan_service.h"
#include "services/membership/storage/figures.h"

namespace loyalty::membership {

// A flag's value: host:port, or empty.
struct Address {
  std::string text;
};

bool AbslParseFlag(absl::string_view text, Address* address, std::string* error) {
  const size_t colon = text.rfind(':');
  int port = 0;
  if (!text.empty() && (colon == absl::string_view::npos ||
                        !absl::SimpleAtoi(text.substr(colon + 1), &port) || port < 1 || port > 65'535)) {
    *error = "must be host:port";
    return false;
  }
  address->text = std::string(text);
  return true;
}

std::string AbslUnparseFlag(const Address& address) { return address.text; }

}  // namespace loyalty::membership

ABSL_FLAG(loyalty::membership::Address, payment_provider_address, {},
          "host:port of the payment provider (loyalty.payments.v1); empty: none, so that nothing is charged");

namespace loyalty::membership {
namespace {

rpc::Parts Build(rpc::Runtime& runtime, const std::string& payment_provider_address,
                 absl::Duration payment_deadline) {
  const auto payments = std::make_shared<Payments>(
      runtime.work,
      CountPayments(MakePaymentCalls(payment_provider_address, payment_deadline), runtime.registry));
  rpc::Parts parts;
  parts.services.push_back(std::make_unique<PlanServiceImpl>(runtime.adapter, runtime.work));
  parts.services.push_back(std::make_unique<MembershipServiceImpl>(runtime.adapter, runtime.work, payments));
  parts.services.push_back(
      std::make_unique<BillingServiceImpl>(runtime.adapter, runtime.work, runtime.clock));
  parts.due_works.push_back(std::make_unique<DueMemberships>(runtime.pool, runtime.work, payments));
  parts.figures = Figures();
  return parts;
}

}  // namespace

rpc::ServiceDefinition Definition(std::optional<std::string> payment_provider_address,
                                  absl::Duration payment_deadline) {
  return {.name = "membership",
          .schema = "membership",
          .statements = sql::Statements(),
          .migrations = sql::Migrations(),
          .services = {v1::PlanService::service_full_name(), v1::MembershipService::service_full_name(),
                       v1::BillingService::service_full_name()},
          .build =
              [payment_provider_address, payment_deadline](rpc::Runtime& runtime) {
                return Build(runtime,
                             payment_provider_address ? *payment_provider_address
                                                      : absl::GetFlag(FLAGS_payment_provider_address).text,
                             payment_deadline);
              },
          .calls_points = true};
}

}  // namespace loyalty::membership
