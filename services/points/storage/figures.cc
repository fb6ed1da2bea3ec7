#include "services/points/storage/figures.h"

#include "points_sql.h"

namespace loyalty::points {

std::vector<figures::Figure> Figures() {
  return {{.statement = sql::kFiguresLedger,
           .gauges = {
               {"members", "loyalty_points_members", "Members of a program."},
               {"outstanding", "loyalty_points_outstanding", "Points that members have and have not used."},
               {"imbalance", "loyalty_ledger_imbalance_points",
                "Points by which accounts differ from their open lots; not 0: a fault."}}}};
}

}  // namespace loyalty::points
