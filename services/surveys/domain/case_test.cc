#include "services/surveys/domain/case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <string>

#include "services/surveys/domain/test_kit.h"
#include "services/surveys/domain/test_property.h"

namespace loyalty::surveys {
namespace {

using ::testing::ElementsAre;

constexpr CaseState kStates[] = {CaseState::kNew,     CaseState::kAcknowledged, CaseState::kInProgress,
                                 CaseState::kWaiting, CaseState::kResolved,     CaseState::kClosed,
                                 CaseState::kReopened};

// Opened at noon, the first reply due at one.
Case NewCase() {
  Case c;
  c.id = 5;
  c.open_time = kNoon;
  c.state_time = kNoon;
  c.first_reply_due_time = kNoon + absl::Hours(1);
  return c;
}
Case CaseIn(CaseState state) {
  Case c = NewCase();
  c.state = state;
  return c;
}
absl::Time At(int minute) { return kNoon + absl::Minutes(minute); }

constexpr auto kForbidden = absl::StatusCode::kFailedPrecondition;

TEST(CaseStates, FollowEachOtherAsTheTableSays) {
  const std::map<std::string, std::string> table = {
      {"NEW", "ACKNOWLEDGED IN_PROGRESS WAITING RESOLVED "},
      {"ACKNOWLEDGED", "IN_PROGRESS WAITING RESOLVED "},
      {"IN_PROGRESS", "WAITING RESOLVED "},
      {"WAITING", "IN_PROGRESS RESOLVED "},
      {"RESOLVED", "CLOSED REOPENED "},
      {"CLOSED", "REOPENED "},
      {"REOPENED", "ACKNOWLEDGED IN_PROGRESS WAITING RESOLVED "}};
  for (const CaseState from : kStates) {
    std::string follows;
    for (const CaseState to : kStates) {
      if (MayFollow(from, to)) absl::StrAppend(&follows, NameOf(to), " ");
    }
    EXPECT_EQ(follows, table.at(NameOf(from))) << NameOf(from);
  }
}

TEST(Case, TheFirstContactIsTheFirstReplyAndANoteIsNot) {
  Case c = NewCase();
  const auto note = AddNote(c, NoteKind::kNote, "Call her.", "bob", At(10));
  ASSERT_TRUE(note.ok());
  EXPECT_EQ(note->number, 1);
  EXPECT_EQ(c.first_reply_time, absl::InfiniteFuture());
  EXPECT_EQ(c.state, CaseState::kNew);
  ASSERT_TRUE(AddNote(c, NoteKind::kContact, "Called.", "bob", At(20)).ok());
  EXPECT_EQ(c.first_reply_time, At(20));
  EXPECT_EQ(c.state, CaseState::kInProgress);
  EXPECT_EQ(c.state_time, At(20));
  const auto third = AddNote(c, NoteKind::kContact, "Called again.", "bob", At(30));
  EXPECT_EQ(third->number, 3);
  EXPECT_EQ(c.first_reply_time, At(20));
}

TEST(Case, AContactWhileWaitingLeavesItWaiting) {
  Case c = CaseIn(CaseState::kWaiting);
  ASSERT_TRUE(AddNote(c, NoteKind::kContact, "Mailed.", "bob", At(1)).ok());
  EXPECT_EQ(c.state, CaseState::kWaiting);
}

TEST(Case, IsOverdueFromTheDueTimeUntilAReplyOrTheResolution) {
  Case c = NewCase();
  EXPECT_FALSE(IsOverdue(c, At(60) - absl::Microseconds(1)));
  EXPECT_TRUE(IsOverdue(c, At(60)));
  Case resolved = c;
  ASSERT_TRUE(Resolve(resolved, "Sorry.", 0, 0, At(70)).ok());
  EXPECT_FALSE(IsOverdue(resolved, At(70)));
  ASSERT_TRUE(AddNote(c, NoteKind::kContact, "Called.", "bob", At(80)).ok());
  EXPECT_FALSE(IsOverdue(c, At(90)));
}

TEST(Case, IsEscalatedOnceAtTheTimeWhenItBecameLate) {
  Case c = NewCase();
  EXPECT_FALSE(EscalateIfLate(c, At(59)));
  EXPECT_TRUE(EscalateIfLate(c, At(75)));
  EXPECT_EQ(c.escalate_time, At(60));
  EXPECT_EQ(c.state, CaseState::kNew);
  EXPECT_FALSE(EscalateIfLate(c, At(76)));
}

TEST(Case, ALateReplyEscalatesAlsoIfNoJobHasRun) {
  Case c = NewCase();
  ASSERT_TRUE(AddNote(c, NoteKind::kContact, "Called.", "bob", At(61)).ok());
  EXPECT_EQ(c.escalate_time, At(60));
  EXPECT_EQ(c.first_reply_time, At(61));
  Case resolved = NewCase();
  ASSERT_TRUE(Resolve(resolved, "Sorry.", 0, 0, At(62)).ok());
  EXPECT_EQ(resolved.escalate_time, At(60));
}

TEST(Case, ReopenedWithoutAReplyIsLateAtOnce) {
  Case c = NewCase();
  ASSERT_TRUE(Resolve(c, "Nothing to do.", 0, 0, At(10)).ok());
  EXPECT_FALSE(EscalateIfLate(c, At(100))) << "never a resolved one";
  ASSERT_TRUE(Close(c, At(20)).ok());
  ASSERT_TRUE(Reopen(c, At(200)).ok());
  EXPECT_EQ(c.escalate_time, At(200));
  EXPECT_TRUE(IsOverdue(c, At(200)));
}

TEST(Case, AssigningAcknowledgesANewOne) {
  Case c = NewCase();
  ASSERT_TRUE(Assign(c, "bob", At(1)).ok());
  EXPECT_EQ(c.state, CaseState::kAcknowledged);
  ASSERT_TRUE(SetState(c, CaseState::kWaiting, At(2)).ok());
  ASSERT_TRUE(Assign(c, "eve", At(3)).ok());
  EXPECT_EQ(c.owner, "eve");
  EXPECT_EQ(c.state, CaseState::kWaiting);
  EXPECT_EQ(c.state_time, At(2));
  for (const CaseState state : {CaseState::kResolved, CaseState::kClosed}) {
    Case settled = CaseIn(state);
    EXPECT_THAT(Assign(settled, "bob", At(1)), IsRefused(kForbidden, "CASE_STATE_FORBIDS"));
  }
}

TEST(Case, AClosedOneTakesNoNoteUntilItIsReopened) {
  Case c = CaseIn(CaseState::kClosed);
  const auto note = AddNote(c, NoteKind::kNote, "By the way.", "bob", At(1));
  EXPECT_THAT(note, IsRefused(kForbidden, "CASE_STATE_FORBIDS"));
  EXPECT_EQ(MetadataOf(note)["state"], "CLOSED");
  ASSERT_TRUE(Reopen(c, At(2)).ok());
  EXPECT_TRUE(AddNote(c, NoteKind::kNote, "By the way.", "bob", At(3)).ok());
}

TEST(Case, HasAtMostFiveHundredNotes) {
  Case c = NewCase();
  c.note_count = kMaxNotes - 1;
  EXPECT_TRUE(AddNote(c, NoteKind::kNote, "The last.", "bob", At(1)).ok());
  EXPECT_THAT(AddNote(c, NoteKind::kNote, "One more.", "bob", At(1)),
              IsRefused(kForbidden, "CASE_NOTES_FULL"));
}

TEST(Case, IsMadeGoodOnceAndUpToTheLimit) {
  Case c = NewCase();
  const auto above = Resolve(c, "Sorry.", 501, 500, At(1));
  EXPECT_THAT(above, IsRefused(kForbidden, "MAKE_GOOD_ABOVE_LIMIT"));
  EXPECT_EQ(MetadataOf(above)["limit"], "500");
  EXPECT_EQ(c, NewCase());
  ASSERT_TRUE(Resolve(c, "Sorry.", 500, 500, At(1)).ok());
  EXPECT_EQ(c.make_good_points, 500);
  ASSERT_TRUE(Reopen(c, At(2)).ok());
  EXPECT_THAT(Resolve(c, "Sorry again.", 1, 500, At(3)), IsRefused(kForbidden, "MAKE_GOOD_ALREADY_GIVEN"));
  ASSERT_TRUE(Resolve(c, "Sorry again.", 0, 500, At(3)).ok());
  EXPECT_EQ(c.make_good_points, 500);
  EXPECT_EQ(c.resolution, "Sorry again.");
}

TEST(Case, ByHandOnlyThreeStatesAreSet) {
  for (const CaseState state : kStates) {
    Violations violations;
    ValidateTarget(state, violations);
    const bool by_hand =
        state == CaseState::kAcknowledged || state == CaseState::kInProgress || state == CaseState::kWaiting;
    EXPECT_EQ(violations.empty(), by_hand) << NameOf(state);
  }
}

TEST(Case, WhatPeopleWriteIsRequired) {
  Violations violations;
  ValidateNote("", violations);
  ValidateOwner("", violations);
  ValidateResolution("", -1, violations);
  EXPECT_THAT(ViolationsOf(violations.ToStatus()),
              ElementsAre("text FIELD_REQUIRED", "owner FIELD_REQUIRED", "resolution FIELD_REQUIRED",
                          "make_good_points OUT_OF_RANGE"));
}

// Random histories: whatever people do in whatever order, and whenever the job runs.
void RandomHistory() {
  constexpr int64_t kLimit = 100;
  Case c = NewCase();
  Case lazy = NewCase();  // the same history, for which the job never runs
  int64_t given = 0;
  int escalations = 0;
  absl::Time now = kNoon;
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 9), rc::gen::inRange(0, 30)));
  for (const auto& [action, minutes] : steps) {
    now += absl::Minutes(minutes);
    const Case before = c;
    absl::Status status;
    const auto apply = [&](const auto& what) {
      const absl::Status lazily = what(lazy);
      status = what(c);
      RC_ASSERT(lazily.code() == status.code());
    };
    switch (action) {
      case 0:
        (void)EscalateIfLate(c, now);
        break;
      case 1:
        apply([&](Case& x) { return AddNote(x, NoteKind::kNote, "n", "bob", now).status(); });
        break;
      case 2:
        apply([&](Case& x) { return AddNote(x, NoteKind::kContact, "n", "bob", now).status(); });
        break;
      case 3:
        apply([&](Case& x) { return Assign(x, "bob", now); });
        break;
      case 4:
        apply([&](Case& x) { return SetState(x, CaseState::kWaiting, now); });
        break;
      case 5:
        apply([&](Case& x) { return SetState(x, CaseState::kInProgress, now); });
        break;
      case 6:
        apply([&](Case& x) { return Resolve(x, "ok", 3 * minutes, kLimit, now); });
        if (status.ok()) given += 3 * minutes;
        break;
      case 7:
        apply([&](Case& x) { return Close(x, now); });
        break;
      default:
        apply([&](Case& x) { return Reopen(x, now); });
    }
    RC_ASSERT(c.state == before.state || MayFollow(before.state, c.state));
    if (before.state == CaseState::kClosed) RC_ASSERT(action == 8 || c == before);
    if (before.first_reply_time != absl::InfiniteFuture())
      RC_ASSERT(c.first_reply_time == before.first_reply_time);
    if (before.escalate_time != c.escalate_time) ++escalations;
    RC_ASSERT(escalations <= 1);
    RC_ASSERT(c.make_good_points == given);
    RC_ASSERT(given <= kLimit);
  }
  EscalateIfLate(c, now);
  EscalateIfLate(lazy, now);
  RC_ASSERT(c == lazy);
}

TEST(CaseProperty, KeepsItsPromisesWhateverHappens) {
  ExpectProperty("CaseProperty/KeepsItsPromisesWhateverHappens", 3000, RandomHistory);
}

}  // namespace
}  // namespace loyalty::surveys
