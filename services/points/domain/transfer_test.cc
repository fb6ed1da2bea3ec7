// Points from one member to another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "services/points/domain/story_kit.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Program ShopWithTransfers(TransferPolicy transfers) {
  Program program = ShopWithExpiry({.kind = ExpiryKind::kRolling, .days = 10});
  program.policies.transfers = transfers;
  return program;
}
Command Send(std::string request, int64_t points, std::string to = "bert") {
  return CommandFor(std::move(request), "anna", TransferPoints{std::move(to), points});
}
// Anna has 20 points of two days, Bert one.
Story AnnaAndBert(TransferPolicy transfers) {
  Story story(ShopWithTransfers(transfers));
  story.Do(EarnedAt(kNoon - absl::Hours(24), "e1", "anna", 10));
  story.Do(EarnCommand("e2", "anna", 10));
  story.Do(EarnCommand("e3", "bert", 1));
  return story;
}

TEST(Transfers, KeepTheExpiryOfEachLot) {
  Story story = AnnaAndBert({.allowed = true});
  const Entry out = story.Do(Send("r1", 15));
  EXPECT_EQ(out.kind, EntryKind::kTransferOut);
  EXPECT_EQ(out.points, -15);
  const Entry in = story.store.Last("bert");
  EXPECT_EQ(in.kind, EntryKind::kTransferIn);
  EXPECT_EQ(in.points, 15);
  EXPECT_EQ(in.request_id, "") << "the request's answer is the sender's entry";
  EXPECT_THAT(in.lots, ElementsAre(NewLot{10, kNoon - absl::Hours(24), At(2026, 5, 11)},
                                   NewLot{5, kNoon, At(2026, 5, 12)}));
  EXPECT_EQ(out.counterpart->sequence, in.sequence);
  EXPECT_EQ(in.counterpart->sequence, out.sequence);
  EXPECT_EQ(story.store.NameOf(out.counterpart->account_id), "bert");
  EXPECT_EQ(story.store.NameOf(in.counterpart->account_id), "anna");
  EXPECT_EQ(story.CatchUpAt(At(2026, 5, 11), "bert").size(), 1u);
  EXPECT_EQ(story.Of("bert").balance, 6);
}

TEST(Transfers, HaveAFeeThatTheSenderPaysOnTopRoundedUp) {
  Story story = AnnaAndBert({.allowed = true, .fee_percent = 10});
  story.Do(Send("r1", 11));
  const Entry fee = story.store.Last("anna");
  EXPECT_EQ(fee.kind, EntryKind::kFee);
  EXPECT_EQ(fee.points, -2);
  EXPECT_EQ(story.Of("anna").balance, 7);
  EXPECT_EQ(story.Of("bert").balance, 12);
  EXPECT_THAT(story.Try(Send("r2", 7)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_POINTS"));
  EXPECT_EQ(story.Do(Send("r3", 6)).balance_after, 1);
  EXPECT_EQ(story.Of("anna").balance, 0);
}

TEST(Transfers, HaveAFeeThatMayMakeThemMoreThanAnyBalance) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  Story story(ShopWithTransfers({.allowed = true, .fee_percent = 1}));
  story.Do(EarnCommand("e1", "anna", kMost));
  story.Do(EarnCommand("e2", "bert", 1));
  story.Do(SpendCommand("s1", "bert", 1));  // there is room for all of it
  const auto anna = InWords(story.store.EntriesOf("anna"));
  const absl::Status status = story.Try(Send("r1", kMost)).status();
  EXPECT_THAT(status, IsRefused(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_POINTS"));
  EXPECT_THAT(status.message(), HasSubstr("9315605757223323566 were asked"));
  EXPECT_EQ(InWords(story.store.EntriesOf("anna")), anna);
}

TEST(Transfers, HaveALimitEachAndForALocalDay) {
  Story story = AnnaAndBert({.allowed = true, .most_points = 5, .most_points_day = 8});
  EXPECT_THAT(story.Try(Send("r1", 6)), IsRefused(absl::StatusCode::kFailedPrecondition, "TRANSFER_LIMIT"));
  story.Do(Send("r2", 5));
  const auto more = story.Try(Send("r3", 4));
  EXPECT_THAT(more, IsRefused(absl::StatusCode::kFailedPrecondition, "TRANSFER_LIMIT"));
  EXPECT_EQ(MetadataOf(more)["most"], "3");
  story.Do(Send("r4", 3));
  story.now = At(2026, 5, 2);
  story.Do(Send("r5", 5));
}

TEST(Transfers, AreForProgramsThatAllowThem) {
  Story story = AnnaAndBert({});
  EXPECT_THAT(story.Try(Send("r1", 1)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "TRANSFERS_NOT_ALLOWED"));
}

TEST(Transfers, GoToAnotherMemberWhoIsThere) {
  Story story = AnnaAndBert({.allowed = true});
  EXPECT_THAT(story.Try(Send("r1", 1, "anna")), IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  EXPECT_THAT(story.Try(Send("r2", 1, "carl")), IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  EXPECT_FALSE(story.store.HasMember("carl"));
  EXPECT_EQ(story.Of("anna").balance, 20);
}

TEST(Transfers, ThatTheReceiverHasNoRoomForLeaveNothing) {
  Story story = AnnaAndBert({.allowed = true, .fee_percent = 10});
  story.Do(EarnCommand("e4", "bert", INT64_MAX - 2));
  const auto anna = InWords(story.store.EntriesOf("anna")), bert = InWords(story.store.EntriesOf("bert"));
  EXPECT_THAT(story.Try(Send("r1", 2)), IsRefused(absl::StatusCode::kOutOfRange, "POINTS_OVERFLOW"));
  EXPECT_EQ(InWords(story.store.EntriesOf("anna")), anna);
  EXPECT_EQ(InWords(story.store.EntriesOf("bert")), bert);
  EXPECT_EQ(story.Do(Send("r1", 1)).points, -1) << "nor does it take the request id";
}

TEST(Transfers, RepayTheReceiversDebtFirst) {
  Program program = ShopWithTransfers({.allowed = true});
  program.policies.returns = ReturnPolicy::kAllowNegative;
  Story story(program);
  story.Do(EarnCommand("e1", "anna", 10));
  story.Do(EarnCommand("e2", "bert", 4));
  story.Do(SpendCommand("e3", "bert", 4));
  story.Do(ReverseCommand("e4", "bert", "e2"));
  story.Do(Send("r1", 10));
  EXPECT_EQ(story.Of("bert").debt, 0);
  EXPECT_EQ(story.Of("bert").balance, 6);
}

}  // namespace
}  // namespace loyalty::points
