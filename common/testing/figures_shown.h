// What a service's figures show of a test's database.
#pragma once

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/clock/clock.h"
#include "common/figures/figures.h"
#include "common/testing/test_database.h"

namespace loyalty::testing {

// The series of the registry whose names begin with `prefix`: {"loyalty_referrals{program=shop,state=held}",
// 2}.
inline std::map<std::string, double> GaugesIn(const metrics::Registry& registry,
                                              const std::string& prefix = "loyalty_") {
  std::map<std::string, double> gauges;
  for (const auto& family : registry.Collect()) {
    if (family.type != prometheus::MetricType::Gauge || family.name.find(prefix) != 0) continue;
    for (const auto& metric : family.metric) {
      std::string labels;
      for (const auto& label : metric.label)
        absl::StrAppend(&labels, labels.empty() ? "" : ",", label.name, "=", label.value);
      gauges[absl::StrCat(family.name, "{", labels, "}")] = metric.gauge.value;
    }
  }
  return gauges;
}

// What they are at `now`; all of them have to be read without an error. `own`: the service's statements.
inline std::map<std::string, double> FiguresShown(const TestDatabase& database,
                                                  std::vector<postgres::Statement> own,
                                                  std::vector<figures::Figure> figures, absl::Time now) {
  for (const postgres::Statement& statement : figures::Statements()) own.push_back(statement);
  metrics::Registry pool_registry, registry;
  postgres::Pool pool({.url = database.url(), .size = 1, .statements = std::move(own)}, pool_registry);
  ManualClock clock(now);
  figures::Figures all(pool, clock, registry, std::move(figures));
  const absl::Status read = all.Refresh();
  EXPECT_TRUE(read.ok()) << read;
  return GaugesIn(registry);
}

}  // namespace loyalty::testing
