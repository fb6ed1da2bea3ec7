// Faults that tests plant in the tables, and how VerifyLedger has to name them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "services/points/storage/ledger_verifier.h"
#include "services/points/storage/test_store.h"

namespace loyalty::points {

// One fault in the tables, and how the verifier has to name it.
struct Fault {
  std::string name;
  const char* sql;  // $anna, $bert and $dora stand for their accounts
  const char* invariant;
  const char* member;
};

inline void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.sql; }

inline void Plant(TestStore& store, const Fault& fault) {
  std::string sql = fault.sql;
  for (const std::string who : {"anna", "bert", "dora"}) {
    const std::string account =
        "(program_key, account_id) = (SELECT program_key, account_id FROM points.member WHERE member_id = '" +
        who + "')";
    for (size_t at; (at = sql.find("$" + who)) != std::string::npos;)
      sql.replace(at, who.size() + 1, account);
  }
  store.database.Exec(sql);
}

// That it is found, and nobody else is accused.
inline void ExpectFound(const std::vector<LedgerDifference>& differences, const Fault& fault) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const LedgerDifference& difference : differences) {
    found.emplace_back(difference.invariant, difference.member_id);
    EXPECT_NE(difference.description, "");
    EXPECT_TRUE(difference.member_id == fault.member || difference.member_id.empty())
        << "it accuses " << difference.member_id << ": " << difference.description;
  }
  EXPECT_THAT(found, ::testing::Contains(::testing::Pair(fault.invariant, fault.member)));
}

}  // namespace loyalty::points
