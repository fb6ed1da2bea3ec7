#include "services/membership/storage/figures.h"

#include "membership_sql.h"

namespace loyalty::membership {

std::vector<figures::Figure> Figures() {
  return {{.statement = sql::kFiguresMemberships,
           .gauges = {{"memberships", "loyalty_memberships", "Memberships by their state."}}},
          {.statement = sql::kFiguresRevenue,
           .gauges = {{"monthly_minor", "loyalty_membership_monthly_revenue_minor",
                       "What memberships that renew pay in a month, in minor units of the currency."}}}};
}

}  // namespace loyalty::membership
