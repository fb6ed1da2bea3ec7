#include "services/points/storage/member_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "services/points/storage/test_store.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr int64_t kNewest = std::numeric_limits<int64_t>::max();

// Anna's ledger, one entry a minute from noon:
//   1 12:00 earn 100 (happened at 10:00)   2 12:01 purchase +20 (at 11:00)   3 12:02 spend -30
//   4 12:03 adjust +5                      5 12:04 adjust -1                 6 12:05 earn 7
class Statement : public ::testing::Test {
 protected:
  void SetUp() override {
    Command purchase = PurchaseCommand("r2", "anna", "o1", 2000);
    PurchaseOf(purchase).lines = {{"tea", "drinks", 2, 2000}};
    PurchaseOf(purchase).labels = {"gift"};
    for (const Command& command :
         {EarnedAt(kNoon - absl::Hours(2), "r1", "anna", 100), purchase, SpendCommand("r3", "anna", 30),
          AdjustCommand("r4", "anna", 5), AdjustCommand("r5", "anna", -1), EarnCommand("r6", "anna", 7)}) {
      store_.Seed({command, EarnCommand(command.request_id + "-other", "bert", 1)});
      store_.clock.Advance(absl::Minutes(1));
    }
  }

  std::vector<int64_t> List(const EntryFilter& filter, int64_t before = kNewest, int limit = 100) {
    const auto entries = store_.members.ListEntries("shop", "anna", filter, before, limit);
    EXPECT_TRUE(entries.ok()) << entries.status();
    std::vector<int64_t> sequences;
    for (const Entry& entry : *entries) sequences.push_back(entry.sequence);
    return sequences;
  }

  static absl::Time Minute(int minute) { return kNoon + absl::Minutes(minute); }

  TestStore store_;
};

TEST_F(Statement, ListsTheNewestFirst) { EXPECT_THAT(List({}), ElementsAre(6, 5, 4, 3, 2, 1)); }

TEST_F(Statement, ComesInPagesWithoutGapOrRepeat) {
  EXPECT_THAT(List({}, kNewest, 4), ElementsAre(6, 5, 4, 3));
  EXPECT_THAT(List({}, 3, 4), ElementsAre(2, 1));
  EXPECT_THAT(List({}, 1, 4), IsEmpty());
  EntryFilter adjustments;
  adjustments.kinds = {EntryKind::kAdjust};
  EXPECT_THAT(List(adjustments, kNewest, 1), ElementsAre(5));
  EXPECT_THAT(List(adjustments, 5, 1), ElementsAre(4));
  EXPECT_THAT(List(adjustments, 4, 1), IsEmpty());
}

TEST_F(Statement, CanBeLimitedToKinds) {
  EntryFilter filter;
  filter.kinds = {EntryKind::kSpend};
  EXPECT_THAT(List(filter), ElementsAre(3));
  filter.kinds = {EntryKind::kEarn, EntryKind::kPurchase};
  EXPECT_THAT(List(filter), ElementsAre(6, 2, 1));
}

TEST_F(Statement, CanBeLimitedToWhenItHappenedFromStartToBeforeEnd) {
  EntryFilter filter;
  filter.occurred_start = kNoon - absl::Hours(1);
  EXPECT_THAT(List(filter), ElementsAre(6, 5, 4, 3, 2)) << "the start counts in";
  filter.occurred_start += absl::Microseconds(1);
  EXPECT_THAT(List(filter), ElementsAre(6, 5, 4, 3));
  filter = {};
  filter.occurred_end = kNoon - absl::Hours(1);
  EXPECT_THAT(List(filter), ElementsAre(1)) << "the end does not";
  filter.occurred_end += absl::Microseconds(1);
  EXPECT_THAT(List(filter), ElementsAre(2, 1));
}

TEST_F(Statement, CanBeLimitedToWhenItWasRecorded) {
  EntryFilter filter;
  filter.recorded_start = Minute(1);
  filter.recorded_end = Minute(4);
  EXPECT_THAT(List(filter), ElementsAre(4, 3, 2));
  filter.occurred_start = kNoon;
  EXPECT_THAT(List(filter), ElementsAre(4, 3)) << "both must hold";
  filter.kinds = {EntryKind::kAdjust};
  EXPECT_THAT(List(filter), ElementsAre(4)) << "all three must hold";
}

TEST_F(Statement, TellsWhatWasBoughtAndWhichLotsPaid) {
  const auto entries = store_.members.ListEntries("shop", "anna", {}, kNewest, 100);
  ASSERT_TRUE(entries.ok()) << entries.status();
  const Entry& bought = entries->at(4);
  ASSERT_TRUE(bought.purchase);
  EXPECT_EQ(bought.purchase->order_id, "o1");
  EXPECT_EQ(bought.purchase->total_minor, 2000);
  EXPECT_EQ(bought.purchase->purchase_time, kNoon - absl::Hours(1));
  ASSERT_EQ(bought.purchase->lines.size(), 1u);
  EXPECT_EQ(bought.purchase->lines[0].sku, "tea");
  EXPECT_EQ(bought.purchase->lines[0].quantity, 2);
  EXPECT_THAT(bought.purchase->labels, ElementsAre("gift"));
  EXPECT_THAT(entries->at(3).lot_uses, ElementsAre(LotUse{1, 30, kNoon - absl::Hours(2)}));
  EXPECT_FALSE(entries->at(3).purchase);
}

TEST_F(Statement, OfNobodyIsNotFound) {
  EXPECT_THAT(store_.members.ListEntries("shop", "carl", {}, kNewest, 9),
              IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  EXPECT_THAT(store_.members.ListEntries("nowhere", "anna", {}, kNewest, 9),
              IsRefused(absl::StatusCode::kNotFound, "PROGRAM_NOT_FOUND"));
}

TEST_F(Statement, TheBalanceAtATimeCountsWhatWasRecordedThenOrBefore) {
  const auto at = [&](absl::Time time) {
    const auto balance = store_.members.BalanceAt("shop", "anna", time);
    EXPECT_TRUE(balance.ok()) << balance.status();
    return std::pair(balance->points, balance->sequence);
  };
  EXPECT_EQ(at(Minute(0) - absl::Microseconds(1)), std::pair(int64_t{0}, int64_t{0}))
      << "though it happened at 10:00";
  EXPECT_EQ(at(Minute(0)), std::pair(int64_t{100}, int64_t{1}));
  EXPECT_EQ(at(Minute(1)), std::pair(int64_t{120}, int64_t{2}));
  EXPECT_EQ(at(Minute(2) - absl::Microseconds(1)), std::pair(int64_t{120}, int64_t{2}));
  EXPECT_EQ(at(Minute(2)), std::pair(int64_t{90}, int64_t{3}));
  EXPECT_EQ(at(Minute(600)), std::pair(int64_t{101}, int64_t{6}));
  EXPECT_EQ(at(absl::InfiniteFuture()), std::pair(int64_t{101}, int64_t{6}));
}

TEST_F(Statement, TheBalanceOfManyAtTheSameMomentIsTheNewest) {
  store_.Seed({EarnCommand("a", "dora", 1), EarnCommand("b", "dora", 1), SpendCommand("c", "dora", 2)});
  const auto balance = store_.members.BalanceAt("shop", "dora", store_.clock.Now());
  ASSERT_TRUE(balance.ok());
  EXPECT_EQ(balance->points, 0);
  EXPECT_EQ(balance->sequence, 3);
}

TEST_F(Statement, TheBalanceOfNobodyIsNotFound) {
  EXPECT_THAT(store_.members.BalanceAt("shop", "carl", kNoon),
              IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  EXPECT_THAT(store_.members.BalanceAt("nowhere", "anna", kNoon),
              IsRefused(absl::StatusCode::kNotFound, "PROGRAM_NOT_FOUND"));
}

TEST_F(Statement, ManyMembersAreReadAtOnceAndStrangersLeftOut) {
  const auto members = store_.members.GetAll("shop", {"bert", "nobody", "anna", "a\"b,{}"});
  ASSERT_TRUE(members.ok()) << members.status();
  std::vector<std::pair<std::string, int64_t>> found;
  for (const Member& member : *members) found.emplace_back(member.id, member.balance);
  EXPECT_THAT(found, UnorderedElementsAre(std::pair("anna", 101), std::pair("bert", 6)));
  EXPECT_THAT(store_.members.GetAll("nowhere", {"anna"}),
              IsRefused(absl::StatusCode::kNotFound, "PROGRAM_NOT_FOUND"));
}

TEST(MemberStore, EnrollsOnceAndAnswersTheSameEverAfter) {
  TestStore store;
  const Enrollment first = store.EnrollMember("anna");
  EXPECT_FALSE(first.replayed);
  EXPECT_EQ(first.member.enroll_time, kNoon);
  EXPECT_EQ(first.member.balance, 0);
  const Enrollment again = store.EnrollMember("anna", kNoon + absl::Hours(1));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.member.enroll_time, kNoon);
}

TEST(MemberStore, ShowsAMembersLabels) {
  TestStore store;
  const absl::Time later = kNoon + absl::Hours(1);
  store.Seed({LabelCommand("r1", "anna", "plus", later), LabelCommand("r2", "anna", "gold", kNoon, later)});
  EXPECT_THAT(store.members.Get("shop", "anna")->labels,
              ::testing::ElementsAre(MemberLabel{"gold", kNoon, later}, MemberLabel{"plus", later}));
}

}  // namespace
}  // namespace loyalty::points
