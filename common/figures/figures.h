// Gauges of what a service's tables hold: a statement's rows become the series of metrics.
//
//   Figure{.statement = sql::kFiguresReferrals,
//          .gauges = {{"referrals", "loyalty_referrals", "Referrals by their state."}}}
//
// with the row (program, state, referrals) = ('demo', 'claimed', 3) gives
// loyalty_referrals{program="demo",state="claimed"} 3: a column that is no gauge is a label. NULL: no series.
//
// Every replica reads the same, so dashboards and alerts take max by (…), never sum.
#pragma once

#include <absl/status/status.h>
#include <absl/time/time.h>

#include <map>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/metrics/metrics.h"
#include "common/postgres/pool.h"

namespace loyalty::figures {

// A metric, and the column that its values come from.
struct GaugeOf {
  std::string column;
  std::string name;
  std::string help;
};

struct Figure {
  postgres::Statement statement;  // may read whole tables, for at most 30 s
  std::vector<GaugeOf> gauges;
  bool by_time = false;  // the statement takes the time as $1, for programs without a test clock
};

// The statements that Figures needs beside those of its figures: a pool that it reads with must have both.
std::vector<postgres::Statement> Statements();

class Figures {
 public:
  // A figure that cannot be read so often in a row has no series any more, rather than old ones.
  static constexpr int kFailures = 3;
  // After what took t, it rests for kRest × t, so that it costs the database 5 % of one connection's time at
  // most, however large the tables grow; but never for longer than kMostRest, whatever the clock does
  // meanwhile. So what takes longer than kMostRest / kRest, about 6 s, costs more than 5 %.
  static constexpr int kRest = 19;
  static constexpr absl::Duration kMostRest = absl::Minutes(2);

  // All outlive it.
  Figures(postgres::Pool& pool, Clock& clock, metrics::Registry& registry, std::vector<Figure> figures);

  // Reads every figure, unless it still rests. The first error, after all others were read.
  absl::Status Refresh();

 private:
  using Series = std::map<metrics::Labels, double>;
  struct Metric {
    std::string column;
    metrics::Family<metrics::Gauge>* family;
    std::map<metrics::Labels, metrics::Gauge*> shown;
  };
  struct Kept {
    Figure figure;
    std::vector<Metric> metrics;
    int failures = 0;  // in a row
  };

  absl::Status Read(const Figure& figure, std::vector<Series>& series);
  static void Show(Metric& metric, const Series& series);

  postgres::Pool& pool_;
  Clock& clock_;
  std::vector<Kept> figures_;
  absl::Time rest_until_ = absl::InfinitePast();
};

}  // namespace loyalty::figures
