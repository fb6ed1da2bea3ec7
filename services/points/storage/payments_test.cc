// Points as payment on PostgreSQL: what was used for an order is added up over batches.
#include <gmock/gmock.h>

#include "services/points/storage/ledger_verifier.h"
#include "services/points/storage/test_store.h"

namespace loyalty::points {
namespace {

Program HalfOfAnOrder() {
  Program program = DollarProgram();
  program.policies.spending = {100, 100, 0, 50, 0};
  return program;
}

class PaymentStore : public ::testing::Test {
 protected:
  void SetUp() override { store_.Seed({EarnCommand("e1", "anna", 5000), EarnCommand("e2", "bert", 5000)}); }

  // How it ended; of an order of 20.00.
  std::string Pay(const std::string& request, const std::string& member, int64_t points) {
    return Told(CommandFor(request, member, Spend{points, "o1", 2000}));
  }
  std::string Reserve(const std::string& request, const std::string& member, int64_t points) {
    return Told(CommandFor(request, member, ReservePoints{points, absl::Hours(1), "o1", 2000}));
  }
  std::string Told(const Command& command) {
    const auto answer = store_.Apply(command);
    return answer.ok() ? "" : ReasonOf(answer);
  }

  TestStore store_{HalfOfAnOrder()};
};

TEST_F(PaymentStore, OfOneOrderCountTogetherOverBatches) {
  store_.Seed({SpendCommand("known", "anna", 1)});  // the account is remembered
  EXPECT_EQ(Pay("s1", "anna", 600), "");
  EXPECT_EQ(Pay("s2", "anna", 401), "SHARE_TOO_LARGE");
  EXPECT_EQ(Reserve("h1", "anna", 401), "SHARE_TOO_LARGE");
  EXPECT_EQ(Reserve("h1", "anna", 300), "");
  EXPECT_EQ(Pay("s2", "anna", 101), "SHARE_TOO_LARGE");
  store_.Seed({ReverseCommand("v", "anna", "s1", 50), CommandFor("c", "anna", CapturePoints{"h1", 200})});
  EXPECT_EQ(Pay("s2", "anna", 251), "SHARE_TOO_LARGE");
  EXPECT_EQ(Pay("s2", "anna", 250), "");
  EXPECT_EQ(Pay("s3", "anna", 1), "SHARE_TOO_LARGE");
  EXPECT_EQ(Pay("s4", "bert", 1000), "") << "an order of the same id, paid by somebody else";
}

TEST_F(PaymentStore, OfTwoWhoAreOnePersonToo) {
  EXPECT_EQ(Pay("s1", "anna", 300), "");
  EXPECT_EQ(Reserve("h1", "anna", 200), "");
  EXPECT_EQ(Pay("s2", "bert", 100), "");
  Command merge = CommandFor("m", "bert", MergeMembers{"anna"});
  merge.reason = merge.actor = "clerk";
  store_.Seed({merge});
  EXPECT_EQ(Pay("s3", "bert", 401), "SHARE_TOO_LARGE");
  EXPECT_EQ(Pay("s3", "anna", 400), "");
  EXPECT_EQ(Pay("s4", "bert", 1), "SHARE_TOO_LARGE");
  const auto report = VerifyLedger(store_.pool, "shop", store_.clock.Now());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->differences, ::testing::IsEmpty());
}

}  // namespace
}  // namespace loyalty::points
