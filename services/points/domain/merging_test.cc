// Two members who are one person.
#include "services/points/domain/merging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/story_kit.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr absl::Duration kDay = absl::Hours(24);

Command Merge(std::string request, std::string from = "anna", std::string into = "bert") {
  Command command = CommandFor(std::move(request), std::move(into), MergeMembers{std::move(from)});
  command.reason = "one person";
  command.actor = "clerk";
  return command;
}
Command SpendOn(std::string request, std::string member, int64_t points, std::string order) {
  Command command = SpendCommand(std::move(request), std::move(member), points);
  std::get<Spend>(command.action).order_id = std::move(order);
  return command;
}
// Lots live ten days; the gift of an order waits for its confirmation.
Program Shop(ReturnPolicy returns = ReturnPolicy::kWithinBalance) {
  Program program = ShopWithRules({FixedRule("gift", 5, {MaturityKind::kConfirmation, 0})});
  program.policies.expiry = {.kind = ExpiryKind::kRolling, .days = 10};
  program.policies.returns = returns;
  return program;
}
// Anna bought for 10 and 5 pending points yesterday, and was given 7 today; Bert has 2.
Story AnnaAndBert(Program program = Shop()) {
  Story story(std::move(program));
  story.Do(BoughtAt(kNoon - kDay, "r1", "anna", "o1", 1000));
  story.Do(EarnCommand("r2", "anna", 7));
  story.Do(EarnCommand("r3", "bert", 2));
  return story;
}

TEST(Merging, PointsKeepTheirTimes) {
  Story story = AnnaAndBert();
  const Entry in = story.Do(Merge("m"));
  EXPECT_EQ(in.kind, EntryKind::kMergeIn);
  EXPECT_EQ(in.sequence, 2);
  EXPECT_EQ(in.points, 17);
  EXPECT_EQ(in.pending, 5);
  EXPECT_EQ(in.balance_after, 19);
  EXPECT_EQ(in.request_id, "m");
  EXPECT_EQ(in.reason, "one person");
  const absl::Time first = At(2026, 5, 11), second = At(2026, 5, 12);
  EXPECT_THAT(in.lots, ElementsAre(NewLot{10, kNoon - kDay, first, absl::InfinitePast(), 1, 0},
                                   NewLot{7, kNoon, second, absl::InfinitePast(), 2, 0},
                                   NewLot{5, kNoon - kDay, first, absl::InfiniteFuture(), 1, 1}));
  const Entry out = story.store.OwnEntriesOf("anna").back();
  EXPECT_EQ(out.kind, EntryKind::kMergeOut);
  EXPECT_EQ(out.points, -17);
  EXPECT_EQ(out.pending, -5);
  EXPECT_EQ(out.balance_after, 0);
  EXPECT_EQ(out.request_id, "");
  EXPECT_EQ(out.counterpart, (Counterpart{story.Of("bert").id, in.sequence}));
  EXPECT_EQ(in.counterpart, (Counterpart{story.store.OwnAccountOf("anna").id, out.sequence}));
  EXPECT_EQ(story.CatchUpAt(first, "bert").front().points, -10) << "they lapse when they would have";
}

TEST(Merging, TheOldIdStandsForTheMemberWhoStays) {
  Story story = AnnaAndBert();
  story.Do(Merge("m"));
  EXPECT_EQ(story.Do(EarnCommand("r4", "anna", 1)).balance_after, 20);
  EXPECT_EQ(story.Do(SpendCommand("r5", "anna", 20)).balance_after, 0);
  EXPECT_EQ(story.Of("bert").balance, 0);
  EXPECT_EQ(story.store.OwnEntriesOf("anna").size(), 3u) << "nothing more is posted there";
}

TEST(Merging, ARepeatGetsTheOriginalAnswerWhicheverAccountItIsOn) {
  Story story = AnnaAndBert();
  const Entry in = story.Do(Merge("m"));
  const auto again = story.Try(Merge("m"));
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(Describe(again->entry), Describe(in));
  EXPECT_TRUE(story.Try(BoughtAt(kNoon - kDay, "r1", "anna", "o1", 1000))->replayed);
  EXPECT_THAT(story.Try(BoughtAt(kNoon - kDay, "r4", "bert", "o1", 1000)),
              IsRefused(absl::StatusCode::kAlreadyExists, "ORDER_ID_REUSED"));
  EXPECT_THAT(story.Try(EarnCommand("r2", "bert", 7)),
              IsRefused(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

TEST(Merging, CanBeTriedFirst) {
  Story story = AnnaAndBert();
  EXPECT_EQ(story.Do(ValidateOnly(Merge("m"))).balance_after, 19);
  EXPECT_EQ(story.Of("anna").balance, 17);
  EXPECT_EQ(story.Of("bert").balance, 2);
  EXPECT_EQ(story.store.EntryCount(), 3u);
}

TEST(Merging, WithOneselfWithNobodyOrWithWhoHasLeftIsRefused) {
  Story story = AnnaAndBert();
  const auto self = IsRefused(absl::StatusCode::kFailedPrecondition, "SAME_MEMBER");
  EXPECT_THAT(story.Try(Merge("m", "bert", "bert")), self);
  EXPECT_THAT(story.Try(Merge("m", "carl")), IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  EXPECT_THAT(story.Try(Merge("m", "anna", "carl")),
              IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  story.Do(Merge("m"));
  EXPECT_THAT(story.Try(Merge("m2")), self) << "they are one already";
  EXPECT_THAT(story.Try(Merge("m2", "bert", "anna")), self);
  story.Do(EarnCommand("r4", "carl", 1));
  Command close = CommandFor("r5", "carl", CloseMember{});
  story.Do(close);
  const auto closed = IsRefused(absl::StatusCode::kFailedPrecondition, "MEMBER_CLOSED");
  EXPECT_THAT(story.Try(Merge("m3", "carl", "bert")), closed);
  EXPECT_THAT(story.Try(Merge("m3", "bert", "carl")), closed);
}

TEST(Merging, AnOrderOfBeforeIsConfirmedOnTheMemberWhoStays) {
  Story story = AnnaAndBert();
  story.Do(Merge("m"));
  const Entry confirmed = story.Do(CommandFor("c", "", ConfirmPurchase{"o1"}));
  EXPECT_EQ(confirmed.kind, EntryKind::kMaturity);
  EXPECT_EQ(confirmed.points, 5);
  EXPECT_EQ(confirmed.corrected_sequence, 1);
  EXPECT_EQ(confirmed.corrected_account, story.store.OwnAccountOf("anna").id);
  EXPECT_EQ(story.Of("bert").balance, 24);
}

TEST(Merging, AReturnOfAnOrderOfBeforeTakesThatVeryOrdersPoints) {
  for (const std::string member : {"", "anna", "bert"}) {
    Story story = AnnaAndBert(Shop(ReturnPolicy::kPendingOnly));
    story.Do(SpendCommand("r4", "anna", 4));  // of the order's
    story.Do(Merge("m"));
    const Entry back = story.Do(ReturnCommand("b", member, "o1", "b1"));
    EXPECT_EQ(back.pending, -5);
    EXPECT_EQ(back.points, -6) << "what is left of the order's own, and no others";
    EXPECT_EQ(back.shortfall, 4);
    EXPECT_EQ(story.Of("bert").balance, 9);
    EXPECT_EQ(story.Of("bert").purchases, 0);
  }
}

TEST(Merging, WhatWasGivenBackBeforeCounts) {
  Story story = AnnaAndBert();
  const Entry before = story.Do(ReturnCommand("b1", "anna", "o1", "b1", 334));
  EXPECT_EQ(before.Net(), -5) << "a third of 15, floored";
  story.Do(Merge("m"));
  EXPECT_EQ(story.Do(ReturnCommand("b2", "", "o1", "b2", 333)).Net(), -5);
  EXPECT_THAT(story.Try(ReturnCommand("b3", "", "o1", "b3", 334)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "RETURN_EXCEEDS_ORDER"));
  EXPECT_EQ(story.Do(ReturnCommand("b4", "", "o1", "b4")).Net(), -5);
  EXPECT_THAT(story.Try(CommandFor("b5", "bert", CancelPurchase{"o1"})),
              IsRefused(absl::StatusCode::kFailedPrecondition, "RETURN_EXCEEDS_ORDER"));
}

TEST(Merging, WhatWasSpentBeforeComesBackWithItsTimes) {
  Story story = AnnaAndBert();
  story.Do(SpendCommand("spent", "anna", 12));
  story.Do(ReverseCommand("v1", "anna", "spent", 1));
  story.Do(Merge("m"));
  const Entry some = story.Do(ReverseCommand("v2", "bert", "spent", 3));
  EXPECT_EQ(some.kind, EntryKind::kRestore);
  EXPECT_THAT(some.lots, ElementsAre(NewLot{2, kNoon - kDay, At(2026, 5, 11), absl::InfinitePast(), 1, 0},
                                     NewLot{1, kNoon, At(2026, 5, 12), absl::InfinitePast(), 2, 0}));
  EXPECT_EQ(story.Do(ReverseCommand("v3", "anna", "spent")).points, 8);
  EXPECT_THAT(story.Try(ReverseCommand("v4", "anna", "spent")),
              IsRefused(absl::StatusCode::kFailedPrecondition, "REVERSAL_EXCEEDS_ENTRY"));
  EXPECT_EQ(story.CatchUpAt(At(2026, 5, 11), "bert").front().points, -10);
  EXPECT_EQ(story.Of("bert").balance, 9);
}

TEST(Merging, WhatComesBackInTheSameBatchIsItsOrdersStill) {
  Story story = AnnaAndBert(Shop(ReturnPolicy::kPendingOnly));
  story.Do(SpendCommand("spent", "anna", 10));  // the order's
  story.Do(Merge("m"));
  const auto answers = story.store.Apply(
      {ReverseCommand("v", "bert", "spent"), ReturnCommand("b", "", "o1", "b1")}, story.now);
  ASSERT_TRUE(answers[1].ok()) << answers[1].status();
  EXPECT_EQ(answers[1]->entry.points, -10);
  EXPECT_EQ(answers[1]->entry.shortfall, 0);
}

TEST(Merging, AReturnGivesBackWhatWasSpentOnTheOrderBeforeAndAfter) {
  Story story = AnnaAndBert();
  story.Do(SpendOn("s1", "anna", 2, "o1"));
  story.Do(Merge("m"));
  story.Do(SpendOn("s2", "bert", 3, "o1"));
  story.Do(ReturnCommand("b", "", "o1", "b1"));
  const auto entries = story.store.EntriesOf("bert");
  EXPECT_EQ(entries[entries.size() - 3].points + entries[entries.size() - 2].points, 5);
  EXPECT_EQ(entries.back().kind, EntryKind::kReturn);
  EXPECT_EQ(story.Of("bert").balance, 9);
}

// What it earned paid for it, and comes over as a new lot in the moment in which it is taken back.
TEST(Merging, AReturnTakesWhatItGivesBackOfItsOwn) {
  Story story = AnnaAndBert(Shop(ReturnPolicy::kPendingOnly));
  story.Do(SpendOn("s1", "anna", 10, "o1"));  // the order's
  story.Do(Merge("m"));
  Command trial = ReturnCommand("t", "", "o1", "b1");
  trial.validate_only = true;
  EXPECT_EQ(story.Do(trial).points, -10);
  const Entry back = story.Do(ReturnCommand("b", "", "o1", "b1"));
  EXPECT_EQ(back.points, -10);
  EXPECT_EQ(back.shortfall, 0);
}

// Bert paid for an order that was not his; and the two are one person.
TEST(Merging, WhatTheOtherMemberHadSpentOnTheOrderComesBackWhateverElseIsInTheBatch) {
  for (const size_t limit : {1, 2}) {
    Story story = AnnaAndBert();
    story.Do(SpendOn("r4", "bert", 2, "o1"));
    story.Do(Merge("m", "bert", "anna"));
    const std::vector<Command> commands = {ReverseCommand("r5", "anna", "r4", 1),
                                           ReturnCommand("r6", "anna", "o1", "b1")};
    if (limit == 2) (void)story.store.Apply(commands, story.now);
    for (const Command& command : commands) EXPECT_TRUE(story.Try(command).ok());
    EXPECT_EQ(story.Of("anna").balance, 9) << "batches of " << limit;
  }
}

TEST(Merging, WhatWasSpentBetweenTwoMergersComesBackWithTheOrder) {
  Story story = AnnaAndBert();
  story.Do(EarnCommand("c", "carl", 1));
  story.Do(Merge("m1", "anna", "bert"));
  story.Do(SpendOn("s", "bert", 6, "o1"));
  story.Do(Merge("m2", "bert", "carl"));
  story.Do(ReturnCommand("b", "", "o1", "b1"));
  EXPECT_EQ(story.Of("carl").balance, 10)
      << "7, 2 and 1; the order's 15 are gone, and what paid for it is there";
}

TEST(Merging, AnAwardOfBeforeIsReversed) {
  Story story = AnnaAndBert();
  story.Do(Merge("m"));
  EXPECT_EQ(story.Do(ReverseCommand("v", "bert", "r2", 3)).points, -3);
  EXPECT_EQ(story.Do(ReverseCommand("v2", "anna", "r2")).points, -4);
  EXPECT_EQ(story.Of("bert").balance, 12);
}

TEST(Merging, AHoldGoesOn) {
  Story story = AnnaAndBert();
  story.Do(CommandFor("hold", "anna", ReservePoints{12, 20 * kDay, "o2"}));
  story.Do(Merge("m"));
  EXPECT_EQ(story.Of("bert").balance, 7);
  EXPECT_EQ(story.Of("bert").held, 12);
  const auto entries = story.store.EntriesOf("bert");
  const Entry& held = entries.back();
  EXPECT_EQ(held.kind, EntryKind::kMergeIn);
  EXPECT_EQ(held.held, 12);
  EXPECT_EQ(held.hold_until, kNoon + 20 * kDay);
  story.now = At(2026, 5, 15);
  EXPECT_EQ(story.Do(EarnCommand("r4", "bert", 1)).balance_after, 1) << "all else has lapsed";
  const Entry captured = story.Do(CommandFor("c", "anna", CapturePoints{"hold", 5}));
  EXPECT_EQ(captured.held, -12);
  EXPECT_EQ(captured.order_id, "o2");
  EXPECT_EQ(captured.corrected_sequence, held.sequence);
  EXPECT_EQ(story.Of("bert").balance, 1) << "what was released has lapsed meanwhile";
  EXPECT_THAT(story.Try(CommandFor("c2", "bert", CapturePoints{"hold", 0})),
              IsRefused(absl::StatusCode::kFailedPrecondition, "HOLD_NOT_OPEN"));
}

TEST(Merging, AHoldIsReleasedOrEndsAndItsPointsAreTheOrdersStill) {
  Story story = AnnaAndBert(Shop(ReturnPolicy::kPendingOnly));
  story.Do(CommandFor("hold", "anna", ReservePoints{12, kDay, ""}));
  story.Do(Merge("m"));
  EXPECT_EQ(story.Do(CommandFor("l", "bert", ReleasePoints{"hold"})).points, 12);
  EXPECT_EQ(story.Of("bert").balance, 19);
  EXPECT_EQ(story.Do(ReturnCommand("b", "", "o1", "b1")).points, -10);

  Story other = AnnaAndBert();
  other.Do(CommandFor("hold", "anna", ReservePoints{12, kDay, ""}));
  other.Do(Merge("m"));
  EXPECT_EQ(other.CatchUpAt(kNoon + kDay, "anna").front().kind, EntryKind::kRelease);
  EXPECT_EQ(other.Of("bert").balance, 19);
}

TEST(Merging, ACaptureOfAMovedHoldIsReversedInTheSameBatchToo) {
  Story story = AnnaAndBert();
  story.Do(CommandFor("hold", "anna", ReservePoints{12, kDay, ""}));
  story.Do(Merge("m"));
  const auto answers = story.store.Apply(
      {CommandFor("c", "anna", CapturePoints{"hold", 11}), ReverseCommand("v", "anna", "c", 4)}, story.now);
  ASSERT_TRUE(answers[1].ok()) << answers[1].status();
  EXPECT_EQ(answers[1]->entry.points, 4);
  EXPECT_EQ(story.Do(ReverseCommand("v2", "bert", "c")).points, 7);
  EXPECT_EQ(story.Of("bert").balance, 19);
}

TEST(Merging, WhatIsOwedMovesAndIsNotRepaid) {
  Story story = AnnaAndBert(Shop(ReturnPolicy::kAllowNegative));
  story.Do(SpendCommand("r4", "anna", 17));
  story.Do(ReturnCommand("b", "anna", "o1", "b1"));
  ASSERT_EQ(story.Of("anna").debt, 10);
  const Entry in = story.Do(Merge("m"));
  EXPECT_EQ(in.debt, 10);
  EXPECT_EQ(in.points, 0);
  EXPECT_EQ(story.Of("bert").balance, 2);
  const Entry earned = story.Do(EarnCommand("r5", "bert", 11));
  EXPECT_EQ(earned.debt, -10);
  EXPECT_EQ(earned.points, 1);
}

TEST(Merging, ThenMergedOnTheOrdersStillFollow) {
  Story story = AnnaAndBert(Shop(ReturnPolicy::kPendingOnly));
  story.Do(CommandFor("hold", "anna", ReservePoints{4, kDay, ""}));
  story.Do(SpendCommand("spent", "anna", 1));
  story.Do(EarnCommand("r4", "carl", 100));
  story.Do(Merge("m1"));
  story.Do(Merge("m2", "bert", "carl"));
  EXPECT_EQ(story.Do(CommandFor("l", "anna", ReleasePoints{"hold"})).points, 4);
  EXPECT_EQ(story.Do(ReverseCommand("v", "bert", "spent")).points, 1);
  const Entry back = story.Do(ReturnCommand("b", "", "o1", "b1"));
  EXPECT_EQ(back.pending, -5);
  EXPECT_EQ(back.points, -10) << "the one that was spent and came back among them";
  EXPECT_EQ(story.Of("anna").id, story.Of("carl").id);
}

TEST(Merging, LabelsAreThoseOfBoth) {
  Story story = AnnaAndBert();
  story.Do(LabelCommand("l1", "anna", "plus", kNoon, kNoon + kDay));
  story.Do(LabelCommand("l2", "anna", "gold", kNoon, kNoon + kDay));
  story.Do(LabelCommand("l3", "bert", "gold", kNoon, kNoon + 2 * kDay));
  story.Do(LabelCommand("l4", "bert", "plus", kNoon, kNoon));
  story.Do(Merge("m"));
  EXPECT_THAT(*story.Of("bert").labels, ElementsAre(MemberLabel{"gold", kNoon, kNoon + 2 * kDay},
                                                    MemberLabel{"plus", kNoon, kNoon + kDay}));
  EXPECT_EQ(story.store.Last("bert").kind, EntryKind::kLabel);
  EXPECT_EQ(story.store.Last("bert").label->label, "plus");
}

TEST(Merging, TooManyLabelsTogetherAreRefused) {
  Story story = AnnaAndBert();
  for (size_t i = 0; i < kMaxMemberLabels; ++i) {
    story.Do(LabelCommand(absl::StrCat("l", i), "bert", absl::StrCat("l", i), kNoon));
  }
  story.Do(LabelCommand("a", "anna", "one more", kNoon));
  EXPECT_THAT(story.Try(Merge("m")), IsRefused(absl::StatusCode::kFailedPrecondition, "TOO_MANY_LABELS"));
  EXPECT_EQ(story.Of("anna").balance, 17);
}

TEST(Merging, LimitsCountWhatRulesGaveToEither) {
  EarnRule rule = FixedRule("gift", 5);
  rule.limits.per_member_day = 12;
  rule.limits.partial = true;
  Story story(ShopWithRules({rule}));
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 100));
  story.Do(BoughtAt(kNoon, "r2", "bert", "o2", 100));
  story.Do(Merge("m"));
  EXPECT_EQ(story.Of("bert").purchases, 2);
  EXPECT_EQ(story.Do(BoughtAt(kNoon, "r3", "anna", "o3", 100)).points, 3) << "1 by the base, 2 are left";
}

TEST(MergedProfiles, FillInWhatIsNotKnown) {
  Profile from, into;
  from.birthday = {5, 17};
  from.segment = "vip";
  from.attributes = {{"city", std::string("Rome")}, {"size", int64_t{38}}};
  from.referrer_member_id = "bert";
  into.segment = "staff";
  into.attributes = {{"city", std::string("Turin")}};
  const Profile merged = MergedProfile(from, into, [](const std::string& id) { return id == "bert"; });
  EXPECT_EQ(merged.birthday, (Birthday{5, 17}));
  EXPECT_EQ(merged.segment, "staff");
  EXPECT_THAT(merged.attributes, UnorderedElementsAre(Pair("city", Attribute(std::string("Turin"))),
                                                      Pair("size", Attribute(int64_t{38}))));
  EXPECT_EQ(merged.referrer_member_id, "") << "nobody brings oneself";
}

TEST(MergedProfiles, HaveTheNewerConsentOfTheTwo) {
  Profile from, into;
  from.consents = {{"email", "marketing", false, kNoon}, {"email", "surveys", false, kNoon - kDay}};
  into.consents = {{"email", "marketing", true, kNoon - kDay}, {"email", "surveys", true, kNoon}};
  EXPECT_THAT(
      MergedProfile(from, into, [](const std::string&) { return false; }).consents,
      ElementsAre(Consent{"email", "marketing", false, kNoon}, Consent{"email", "surveys", true, kNoon}));
}

TEST(MergedProfiles, KnowAllIdsOfTheTwo) {
  Story story = AnnaAndBert();
  story.Do(EarnCommand("c1", "carl", 1));
  Profile known;
  known.referrer_member_id = "anna";
  story.Do(CommandFor("p", "carl", UpdateProfile{.profile = known, .referrer = true}));
  story.Do(Merge("m"));  // anna into bert
  story.Do(CommandFor("m2", "bert", MergeMembers{"carl"}));
  EXPECT_EQ(story.Of("bert").profile->referrer_member_id, "");
}

TEST(MergedProfiles, GoWithTheMerger) {
  Story story = AnnaAndBert();
  Profile known;
  known.segment = "vip";
  story.Do(CommandFor("p", "anna", UpdateProfile{.profile = known, .segment = true}));
  story.Do(Merge("m"));
  EXPECT_EQ(story.Of("bert").profile->segment, "vip");
  EXPECT_EQ(story.store.OwnAccountOf("anna").profile, nullptr);
}

}  // namespace
}  // namespace loyalty::points
