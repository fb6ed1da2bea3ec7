#include "services/referral/storage/figures.h"

#include "referral_sql.h"

namespace loyalty::referral {

std::vector<figures::Figure> Figures() {
  return {{.statement = sql::kFiguresReferrals,
           .gauges = {{"referrals", "loyalty_referrals", "Referrals by their state."}}},
          {.statement = sql::kFiguresRejections,
           .gauges = {
               {"rejected", "loyalty_referrals_rejected", "Referrals that were rejected, by the reason."}}}};
}

}  // namespace loyalty::referral
