#include "services/points/jobs/ledger_sampler.h"

#include <absl/strings/str_cat.h>

#include "common/log/log.h"
#include "common/status/status.h"

namespace loyalty::points {
namespace {

// What a sample can find. All are shown from the beginning, so that the first difference is an increase.
constexpr const char* kInvariants[] = {"activity", "balance", "balance_after", "celebration", "correction",
                                       "debt",     "due",     "label",         "limit",       "lot",
                                       "member",   "profile", "purchase",      "purchases",   "redemption",
                                       "sequence", "spend",   "tier",          "transfer"};

}  // namespace

LedgerSampler::LedgerSampler(postgres::Pool& pool, Clock& clock, metrics::Registry& registry, double program,
                             double account)
    : pool_(pool),
      clock_(clock),
      program_(program),
      account_(account),
      verified_(prometheus::BuildCounter()
                    .Name("loyalty_ledger_verified_accounts_total")
                    .Help("Accounts that were verified against their entries, a few at a time.")
                    .Register(registry)
                    .Add({})),
      differences_(prometheus::BuildCounter()
                       .Name("loyalty_ledger_differences_total")
                       .Help("What was found on accounts that their entries do not say; not 0: a fault.")
                       .Register(registry)) {
  for (const char* invariant : kInvariants) differences_.Add({{"invariant", invariant}});
}

absl::StatusOr<int64_t> LedgerSampler::Step() {
  if (!place_) {
    const absl::StatusOr<AccountPlace> place = AnyPlace(pool_, program_, account_);
    LOYALTY_RETURN_IF_ERROR(place.status());
    place_ = *place;
  }
  const absl::StatusOr<LedgerSample> sample = VerifySample(pool_, *place_, clock_.Now());
  // What cannot be verified, as it takes too long, does not end the walk.
  if (!sample.ok() && !absl::IsUnavailable(sample.status())) place_->account_id += kMostSampledAccounts;
  LOYALTY_RETURN_IF_ERROR(sample.status());
  place_ = sample->program_id.empty() ? AccountPlace() : sample->last;
  verified_.Increment(static_cast<double>(sample->accounts));
  Tell(*sample);
  return sample->accounts;
}

void LedgerSampler::Tell(const LedgerSample& sample) {
  for (const LedgerDifference& difference : sample.differences) {
    differences_.Add({{"invariant", difference.invariant}}).Increment();
    log::Error("the ledger has a fault", {{"program", sample.program_id},
                                          {"account", absl::StrCat(difference.account_id)},
                                          {"invariant", difference.invariant},
                                          {"difference", difference.description}});
  }
}

}  // namespace loyalty::points
