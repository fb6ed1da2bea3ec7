// Returns and reversals, as a caller sees them.
#include <atomic>
#include <thread>

#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class Corrections : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    Made(&Points::RecordPurchase,
         "member_id: 'anna', request_id: 'p1', purchase: {order_id: 'o1', purchase_time: "
         "'2026-05-01T10:00:00Z', "
         "total_minor: 3000}");
    Made(&Points::Earn, "member_id: 'anna', request_id: 'e1', points: 100, cause: 'referral:17'");
  }
};

TEST_F(Corrections, AReturnIsAnEntryThatNamesWhatItCorrects) {
  const auto back =
      Call(&Points::RecordReturn,
           "order_id: 'o1', return_id: 'b1', request_id: 'r1', amount_minor: 1000, return_time: "
           "'2026-05-01T11:00:00Z', actor: 'till 4'");
  ASSERT_THAT(back, IsOk());
  const v1::Entry& entry = back->entry();
  EXPECT_EQ(entry.member_id(), "anna");
  EXPECT_EQ(entry.kind(), v1::ENTRY_KIND_RETURN);
  EXPECT_EQ(entry.points(), -10);
  EXPECT_EQ(entry.order_id(), "o1");
  EXPECT_EQ(entry.return_id(), "b1");
  EXPECT_EQ(entry.returned_minor(), 1000);
  EXPECT_EQ(entry.corrected_sequence(), 1);
  EXPECT_EQ(entry.occurred_time().seconds(), entry.recorded_time().seconds() - 3600);
  const auto listed = Call(&Points::ListEntries, "member_id: 'anna', kinds: ['ENTRY_KIND_RETURN']");
  ASSERT_EQ(listed->entries_size(), 1);
  EXPECT_THAT(listed->entries(0), IsMessage(entry));
  const auto again =
      Call(&Points::RecordReturn,
           "order_id: 'o1', return_id: 'b1', request_id: 'r2', amount_minor: 1000, return_time: "
           "'2026-05-01T11:00:00Z'");
  EXPECT_TRUE(again.replayed) << again;
  EXPECT_THAT(*again, IsMessage(*back));
  const auto more =
      Call(&Points::RecordReturn, "order_id: 'o1', return_id: 'b2', request_id: 'r3', amount_minor: 2001");
  EXPECT_THAT(more, Refused(StatusCode::FAILED_PRECONDITION, "RETURN_EXCEEDS_ORDER"));
  EXPECT_THAT(more.error.metadata,
              UnorderedElementsAre(Pair("left_minor", "2000"), Pair("asked_minor", "2001")));
  EXPECT_THAT(Call(&Points::RecordReturn, "order_id: 'o1', return_id: 'b1', request_id: 'r4'"),
              Refused(StatusCode::ALREADY_EXISTS, "RETURN_ID_REUSED"));
  EXPECT_THAT(Call(&Points::RecordReturn, "order_id: 'o9', return_id: 'b9', request_id: 'r9'"),
              Refused(StatusCode::NOT_FOUND, "ORDER_NOT_FOUND"));
  ExpectCleanLedger();
}

TEST_F(Corrections, AReversalTakesWhatIsThereAndSaysWhatIsNot) {
  Made(&Points::Spend, "member_id: 'anna', request_id: 's1', points: 70");
  const auto reversed =
      Call(&Points::ReverseEntry,
           "member_id: 'anna', request_id: 'r1', reversed_request_id: 'e1', reason: 'undone'");
  ASSERT_THAT(reversed, IsOk());
  EXPECT_EQ(reversed->entry().kind(), v1::ENTRY_KIND_REVERSAL);
  EXPECT_EQ(reversed->entry().points(), -60);
  EXPECT_EQ(reversed->entry().shortfall_points(), 40);
  EXPECT_EQ(reversed->entry().cause(), "referral:17");
  EXPECT_EQ(reversed->entry().corrected_sequence(), 2);
  EXPECT_EQ(Balance("anna"), 0);
  EXPECT_THAT(Call(&Points::ReverseEntry, "member_id: 'anna', request_id: 'r2', reversed_request_id: 'p1'"),
              Refused(StatusCode::FAILED_PRECONDITION, "ENTRY_NOT_REVERSIBLE"));
  EXPECT_THAT(Call(&Points::ReverseEntry,
                   "member_id: 'anna', request_id: 'r3', reversed_request_id: 'e1', points: 41"),
              Refused(StatusCode::FAILED_PRECONDITION, "REVERSAL_EXCEEDS_ENTRY"));
  EXPECT_THAT(Call(&Points::ReverseEntry, "member_id: 'anna', request_id: 'r4', reversed_request_id: 'e9'"),
              Refused(StatusCode::NOT_FOUND, "ENTRY_NOT_FOUND"));
  const auto report = Call(&Ledgers::VerifyLedger, "");
  EXPECT_EQ(report->reversed_points(), 60);
  EXPECT_EQ(report->clawed_back_points(), 0);
  ExpectCleanLedger();
}

TEST_F(Corrections, ATrialWritesNothing) {
  const std::string before = Written();
  EXPECT_EQ(
      Call(&Points::RecordReturn, "order_id: 'o1', return_id: 'b1', request_id: 'r1', validate_only: true")
          ->entry()
          .points(),
      -30);
  EXPECT_THAT(Call(&Points::ReverseEntry,
                   "member_id: 'anna', request_id: 'r2', reversed_request_id: 'e1', validate_only: true"),
              IsOk());
  EXPECT_THAT(Call(&Points::SetMemberLabel,
                   "member_id: 'bert', request_id: 'r3', label: 'plus', from_time: '2026-05-01T00:00:00Z', "
                   "validate_only: true"),
              IsOk());
  EXPECT_EQ(Written(), before);
}

TEST_F(Corrections, TwentyReturnsAtOnceTakeNoMoreThanTheOrder) {
  std::vector<std::thread> threads;
  std::atomic<int> accepted = 0;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&, i] {
      const std::string id = std::to_string(i);
      const auto reply = Call(&Points::RecordReturn, "order_id: 'o1', return_id: 'b" + id +
                                                         "', request_id: 'r" + id + "', amount_minor: 600");
      if (reply.ok()) ++accepted;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(accepted, 5);
  EXPECT_EQ(Balance("anna"), 100);
  ExpectCleanLedger();
}

}  // namespace
}  // namespace loyalty::points
