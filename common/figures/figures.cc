#include "common/figures/figures.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "common/postgres/values.h"
#include "common/status/status.h"
#include "figures_sql.h"

namespace loyalty::figures {
namespace {

// The labels of a row: its columns that are no gauge.
metrics::Labels LabelsOf(const pqxx::row& row, const Figure& figure) {
  metrics::Labels labels;
  for (const pqxx::field& field : row) {
    const auto is_its = [&](const GaugeOf& gauge) { return gauge.column == field.name(); };
    if (std::none_of(figure.gauges.begin(), figure.gauges.end(), is_its))
      labels.emplace(field.name(), field.c_str());
  }
  return labels;
}

}  // namespace

std::vector<postgres::Statement> Statements() { return sql::Statements(); }

Figures::Figures(postgres::Pool& pool, Clock& clock, metrics::Registry& registry, std::vector<Figure> figures)
    : pool_(pool), clock_(clock) {
  for (Figure& figure : figures) {
    Kept& kept = figures_.emplace_back();
    for (const GaugeOf& gauge : figure.gauges) {
      kept.metrics.push_back(
          {gauge.column, &prometheus::BuildGauge().Name(gauge.name).Help(gauge.help).Register(registry), {}});
    }
    kept.figure = std::move(figure);
  }
}

absl::Status Figures::Refresh() {
  const absl::Time start = clock_.Now();
  // An end that is further away was set before the clock was turned back.
  if (start < rest_until_ && rest_until_ - start <= kMostRest) return absl::OkStatus();
  absl::Status failure;
  for (Kept& kept : figures_) {
    std::vector<Series> series;
    const absl::Status read = Read(kept.figure, series);
    failure.Update(read);
    kept.failures = read.ok() ? 0 : kept.failures + 1;
    if (!read.ok() && kept.failures < kFailures) continue;
    if (!read.ok()) series.assign(kept.metrics.size(), {});
    for (size_t i = 0; i < kept.metrics.size(); ++i) Show(kept.metrics[i], series[i]);
  }
  const absl::Time end = clock_.Now();
  rest_until_ = end + std::min(kRest * (end - start), kMostRest);
  return failure;
}

absl::Status Figures::Read(const Figure& figure, std::vector<Series>& series) {
  return pool_.Run([&](postgres::Transaction& tx) {
    series.assign(figure.gauges.size(), {});
    tx.Exec(sql::kBeginFigures);
    const pqxx::result rows = figure.by_time
                                  ? tx.Exec(figure.statement, postgres::FormatTimestamp(clock_.Now()))
                                  : tx.Exec(figure.statement);
    for (const pqxx::row& row : rows) {
      const metrics::Labels labels = LabelsOf(row, figure);
      for (size_t i = 0; i < figure.gauges.size(); ++i) {
        const pqxx::field value = row[figure.gauges[i].column];
        if (!value.is_null()) series[i][labels] = value.as<double>();
      }
    }
    return absl::OkStatus();
  });
}

void Figures::Show(Metric& metric, const Series& series) {
  for (auto it = metric.shown.begin(); it != metric.shown.end();) {
    if (series.contains(it->first)) {
      ++it;
      continue;
    }
    metric.family->Remove(it->second);
    it = metric.shown.erase(it);
  }
  for (const auto& [labels, value] : series) {
    metrics::Gauge*& gauge = metric.shown[labels];
    if (gauge == nullptr) gauge = &metric.family->Add(labels);
    gauge->Set(value);
  }
}

}  // namespace loyalty::figures
