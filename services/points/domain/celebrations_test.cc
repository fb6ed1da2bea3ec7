// Birthdays and anniversaries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/story_kit.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Program Celebrating(int64_t birthday, int64_t anniversary = 0) {
  Program program = DollarProgram();
  program.policies.celebrations = {birthday, anniversary};
  return program;
}
Command BornOn(std::string request, int month, int day) {
  Profile profile;
  profile.birthday = {month, day};
  return CommandFor(std::move(request), "anna", UpdateProfile{.profile = profile, .birthday = true});
}
std::vector<absl::Time> TimesOf(const std::vector<Entry>& entries) {
  std::vector<absl::Time> times;
  for (const Entry& entry : entries) times.push_back(entry.occurred_time);
  return times;
}

TEST(Celebrations, ABirthdayBringsPointsAtItsMidnight) {
  Story story(Celebrating(20));
  story.Do(EarnCommand("r1", "anna", 1));  // on 1 May
  story.Do(BornOn("r2", 5, 17));
  EXPECT_THAT(story.CatchUpAt(At(2026, 5, 16, 23, 59), "anna"), IsEmpty());
  const auto entries = story.CatchUpAt(At(2026, 5, 17), "anna");
  ASSERT_THAT(KindsOf(entries), ElementsAre(EntryKind::kEarn));
  EXPECT_EQ(entries[0].points, 20);
  EXPECT_EQ(entries[0].reason, "birthday");
  EXPECT_EQ(entries[0].occurred_time, At(2026, 5, 17));
  EXPECT_EQ(entries[0].request_id, "");
  EXPECT_THAT(story.CatchUpAt(At(2027, 5, 16), "anna"), IsEmpty()) << "once a year";
  EXPECT_EQ(story.CatchUpAt(At(2027, 5, 17), "anna").size(), 1u);
}

TEST(Celebrations, ComeForEachYearThoughNobodyLooked) {
  Story story(Celebrating(20));
  story.Do(EarnCommand("r1", "anna", 1));
  story.Do(BornOn("r2", 2, 29));
  EXPECT_THAT(TimesOf(story.CatchUpAt(At(2028, 6, 1), "anna")),
              ElementsAre(At(2027, 2, 28), At(2028, 2, 29)));
}

TEST(Celebrations, WhoTellsABirthdayThatIsPastOrTodayWaitsForTheNext) {
  for (const int day : {1, 30}) {
    Story story(Celebrating(20));
    story.Do(EarnCommand("r1", "anna", 1));
    story.Do(BornOn("r2", day == 1 ? 5 : 4, day));
    EXPECT_THAT(story.CatchUpAt(At(2026, 12, 31), "anna"), IsEmpty());
    EXPECT_EQ(story.CatchUpAt(At(2027, 5, 1), "anna").size(), 1u);
  }
}

TEST(Celebrations, WhoseBirthdayChangesIsCelebratedOnceAYearStill) {
  Story story(Celebrating(20));
  story.Do(EarnCommand("r1", "anna", 1));
  story.Do(BornOn("r2", 5, 17));
  EXPECT_EQ(story.CatchUpAt(At(2026, 5, 17), "anna").size(), 1u);
  story.Do(BornOn("r3", 5, 20));
  EXPECT_THAT(story.CatchUpAt(At(2026, 6, 1), "anna"), IsEmpty());
  story.Do(CommandFor("r4", "anna", UpdateProfile{.birthday = true}));  // not known any more
  story.Do(BornOn("r5", 6, 20));
  EXPECT_THAT(TimesOf(story.CatchUpAt(At(2027, 12, 1), "anna")), ElementsAre(At(2027, 6, 20)));
}

TEST(Celebrations, AnAnniversaryIsOfTheEnrolment) {
  Story story(Celebrating(0, 50));
  story.Do(EarnCommand("r1", "anna", 1));
  EXPECT_THAT(story.CatchUpAt(At(2027, 4, 30), "anna"), IsEmpty());
  const auto entries = story.CatchUpAt(At(2028, 5, 1), "anna");
  EXPECT_THAT(TimesOf(entries), ElementsAre(At(2027, 5, 1), At(2028, 5, 1)));
  EXPECT_EQ(entries[0].reason, "anniversary");
}

TEST(Celebrations, OfTheTimeBeforeTheEnrolmentAreNone) {
  Program program = Celebrating(0, 50);
  program.policies.expiry = {.kind = ExpiryKind::kRolling, .days = 10};
  Story story(program);
  story.Do(EarnedAt(At(2020, 5, 1), "r1", "anna", 1));
  EXPECT_THAT(KindsOf(story.store.EntriesOf("anna")), ElementsAre(EntryKind::kEarn, EntryKind::kExpiry));
}

TEST(Celebrations, BothMayFallOnOneDay) {
  Story story(Celebrating(20, 50));
  story.Do(EarnCommand("r1", "anna", 1));
  story.Do(BornOn("r2", 5, 1));
  const auto entries = story.CatchUpAt(At(2027, 5, 1), "anna");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].reason, "birthday");
  EXPECT_EQ(entries[1].reason, "anniversary");
}

TEST(Celebrations, PointsLapseAndCountForTiersAsAnyAward) {
  Program program = Celebrating(20);
  program.policies.expiry = {.kind = ExpiryKind::kRolling, .days = 10};
  program.policies.tiers = {.metric = TierMetric::kPointsEarned,
                            .tiers = {{.id = "silver", .threshold = 20}}};
  Story story(program);
  story.Do(EarnCommand("r1", "anna", 1));
  story.Do(BornOn("r2", 5, 17));
  EXPECT_THAT(KindsOf(story.CatchUpAt(At(2026, 12, 1), "anna")),
              ElementsAre(EntryKind::kExpiry, EntryKind::kEarn, EntryKind::kTier, EntryKind::kExpiry));
  EXPECT_EQ(story.TierOf("anna"), "silver");
}

TEST(Celebrations, WhoHasLeftIsNotCelebrated) {
  Story story(Celebrating(20));
  story.Do(EarnCommand("r1", "anna", 1));
  story.Do(BornOn("r2", 5, 17));
  story.Do(CommandFor("r3", "anna", CloseMember{}));
  EXPECT_THAT(story.CatchUpAt(At(2028, 1, 1), "anna"), IsEmpty());
}

TEST(Celebrations, TwoWhoAreOneAreCelebratedOnce) {
  Story story(Celebrating(20));
  story.Do(EarnCommand("r1", "anna", 1));
  story.Do(EarnCommand("r2", "bert", 1));
  story.Do(BornOn("r3", 5, 17));
  story.CatchUpAt(At(2026, 5, 18), "anna");
  Command of_bert = BornOn("r4", 5, 20);
  of_bert.member_id = "bert";
  story.Do(of_bert);
  story.Do(CommandFor("m", "bert", MergeMembers{"anna"}));
  EXPECT_THAT(TimesOf(story.CatchUpAt(At(2027, 6, 1), "bert")), ElementsAre(At(2027, 5, 20)));
}

TEST(Celebrations, TheBirthdayOfWhoIsMergedInIsCelebratedFromThenOn) {
  Story story(Celebrating(20));
  story.Do(EarnCommand("r1", "anna", 1));
  story.Do(EarnCommand("r2", "bert", 1));
  story.Do(BornOn("r3", 5, 17));
  story.Do(CommandFor("m", "bert", MergeMembers{"anna"}));
  EXPECT_THAT(TimesOf(story.CatchUpAt(At(2026, 6, 1), "bert")), ElementsAre(At(2026, 5, 17)));
}

TEST(Celebrations, BeginAndEndWithThePolicy) {
  Story story(Celebrating(0));
  story.Do(EarnCommand("r1", "anna", 1));
  story.Do(BornOn("r2", 5, 17));
  story.CatchUpAt(At(2026, 6, 1), "anna");
  story.store.Change(Celebrating(20), story.now);
  EXPECT_THAT(story.CatchUpAt(At(2026, 7, 1), "anna"), IsEmpty()) << "not for what is past";
  EXPECT_EQ(story.CatchUpAt(At(2027, 6, 1), "anna").size(), 1u);
  story.store.Change(Celebrating(0), story.now);
  EXPECT_THAT(story.CatchUpAt(At(2030, 6, 1), "anna"), IsEmpty());
  story.store.Change(Celebrating(20), story.now);
  EXPECT_THAT(TimesOf(story.CatchUpAt(At(2031, 6, 1), "anna")), ElementsAre(At(2031, 5, 17)));
}

TEST(Celebrations, AreOnceAYearAlsoIfThePolicyEndsAndBeginsAgain) {
  Story story(Celebrating(20));
  story.Do(EarnCommand("r1", "anna", 1));
  story.Do(BornOn("r2", 5, 17));
  EXPECT_EQ(story.CatchUpAt(At(2026, 5, 18), "anna").size(), 1u);
  const auto celebrate = [&](int64_t points) { story.store.Change(Celebrating(points), story.now); };
  celebrate(0);
  story.Do(BornOn("r3", 8, 1));
  celebrate(20);
  EXPECT_THAT(story.CatchUpAt(At(2026, 12, 31), "anna"), IsEmpty());
  celebrate(0);
  story.CatchUpAt(At(2027, 1, 1), "anna");
  celebrate(20);
  EXPECT_THAT(TimesOf(story.CatchUpAt(At(2027, 12, 31), "anna")), ElementsAre(At(2027, 8, 1)));
}

TEST(Celebrations, FollowThePolicyThatHeldOnTheirDayThoughNobodyLooked) {
  Story story(Celebrating(20));
  story.Do(EarnCommand("r1", "anna", 1));
  story.Do(BornOn("r2", 5, 17));
  story.now = At(2026, 5, 18);
  story.store.Change(Celebrating(0), story.now);
  EXPECT_EQ(story.Of("anna").balance, 21) << "it was the 17th before";
  story.now = At(2027, 5, 18);
  story.store.Change(Celebrating(30), story.now);
  EXPECT_THAT(story.CatchUpAt(At(2028, 5, 16), "anna"), IsEmpty()) << "the 17th of 2027 had passed";
  EXPECT_THAT(TimesOf(story.CatchUpAt(At(2028, 5, 17), "anna")), ElementsAre(At(2028, 5, 17)));
}

}  // namespace
}  // namespace loyalty::points
