// Verifies the ledger all the time, a few accounts after the other.
//
// Each turn takes the next accounts, whatever program they are of, and after the last begins again with the
// first. A process begins anywhere, so that replicas, and restarts, do not look at the same ones.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "common/clock/clock.h"
#include "common/metrics/metrics.h"
#include "common/postgres/pool.h"
#include "services/points/storage/ledger_verifier.h"

namespace loyalty::points {

class LedgerSampler {
 public:
  // Shows loyalty_ledger_verified_accounts_total and loyalty_ledger_differences_total{invariant}. `program`
  // and `account` say where to begin: 0 or more, below 1. All outlive it.
  LedgerSampler(postgres::Pool& pool, Clock& clock, metrics::Registry& registry, double program,
                double account);

  // One turn. Tells each difference in the log, as an error. Returns how many accounts it verified.
  absl::StatusOr<int64_t> Step();

 private:
  void Tell(const LedgerSample& sample);

  postgres::Pool& pool_;
  Clock& clock_;
  const double program_;
  const double account_;
  std::optional<AccountPlace> place_;  // of the last account that was looked at
  metrics::Counter& verified_;
  metrics::Family<metrics::Counter>& differences_;
};

}  // namespace loyalty::points
