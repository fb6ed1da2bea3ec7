// PostgreSQL's side of the comparison: what is in the ledger, and pgbench.
#pragma once

#include <cstdint>
#include <string>

namespace loyalty::bench {

struct RowCounts {
  int64_t entries = 0;
  int64_t lots = 0;
};

class Baseline {
 public:
  // Creates the function of baseline.sql.
  Baseline(std::string database_url, const std::string& program_id, int members);

  // The program's rows.
  RowCounts Count() const;
  // pgbench -M prepared with so many clients; transactions a second.
  double RunPgbench(int clients, double seconds) const;
  // Statistics for the planner, so that it does not depend on when autovacuum came by.
  void Settle() const;

 private:
  std::string database_url_;
  int program_key_ = 0;
  int members_;
};

}  // namespace loyalty::bench
