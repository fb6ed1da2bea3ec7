#include "services/surveys/storage/case_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/postgres/errors.h"
#include "services/surveys/storage/test_store.h"

namespace loyalty::surveys {
namespace {

using postgres::Transaction;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Cases : public ::testing::Test {
 protected:
  // Opened by a detractor `minutes` after noon; the first reply is due an hour later.
  Case Open(int minutes = 0, const std::string& member = "anna") {
    return *store_
                .StoreResponse(survey_, absl::StrCat("t", ++opened_), {ScoreOf("nps", 3)},
                               kNoon + absl::Minutes(minutes), {member, "", "", {}, ""})
                .opened;
  }
  template <class Change>
  Case With(const Case& c, Change change) {
    return store_.In([&](Transaction& tx) {
      Case locked = *LockCase(tx, kShop, c.id);
      change(locked);
      UpdateCase(tx, kShop, locked);
      return locked;
    });
  }
  std::vector<int64_t> List(const CaseFilter& filter, int64_t before = INT64_MAX, int limit = 10) {
    return Ids(store_.In([&](Transaction& tx) { return ListCases(tx, kShop, filter, before, limit); }));
  }
  std::vector<int64_t> Due(absl::Time now, int limit = 10) {
    return Ids(store_.In([&](Transaction& tx) { return TakeDueCases(tx, kShop, now, limit); }));
  }
  static std::vector<int64_t> Ids(const std::vector<Case>& cases) {
    std::vector<int64_t> ids;
    for (const Case& c : cases) ids.push_back(c.id);
    return ids;
  }

  TestStore store_;
  Survey survey_ = store_.Store(FullSurvey());
  int opened_ = 0;
};

TEST_F(Cases, AreGivenBackAsTheyWereOpenedAndChanged) {
  const Case opened = Open();
  EXPECT_EQ(*store_.In([&](Transaction& tx) { return LoadCase(tx, kShop, opened.id); }), opened);
  EXPECT_EQ(store_.In([&](Transaction& tx) { return FindCaseOfResponse(tx, kShop, opened.response_id); }),
            opened);
  const Case changed = With(opened, [](Case& c) {
    c.owner = "bob";
    c.state = CaseState::kClosed;
    c.state_time += absl::Minutes(1);
    c.first_reply_time = kNoon + absl::Minutes(2);
    c.escalate_time = kNoon + absl::Minutes(3);
    c.resolve_time = kNoon + absl::Minutes(4);
    c.close_time = kNoon + absl::Minutes(5);
    c.resolution = "Sorry.\nReally.";
    c.make_good_points = 6;
    c.note_count = 7;
  });
  EXPECT_EQ(*store_.In([&](Transaction& tx) { return LoadCase(tx, kShop, opened.id); }), changed);
}

TEST_F(Cases, OfOthersAreNotFound) {
  const Case opened = Open();
  EXPECT_THAT(store_.In([&](Transaction& tx) { return LoadCase(tx, kOther, opened.id); }),
              IsRefused(absl::StatusCode::kNotFound, "CASE_NOT_FOUND"));
  EXPECT_FALSE(store_.In([&](Transaction& tx) { return FindCaseOfResponse(tx, kShop, 0); }));
}

TEST_F(Cases, AResponseOpensOne) {
  Case opened = Open();
  const absl::Status status = store_.pool.Run([&](Transaction& tx) {
    InsertCase(tx, kShop, opened);
    return absl::OkStatus();
  });
  EXPECT_TRUE(postgres::IsUniqueViolation(status)) << status;
}

TEST_F(Cases, AreListedNewestFirstInPagesAndByEachFilter) {
  const Case a = Open(0), b = Open(10, "bert"), c = Open(20);
  With(b, [](Case& x) { EXPECT_TRUE(Assign(x, "bob", kNoon + absl::Minutes(11)).ok()); });
  EXPECT_THAT(List({}), ElementsAre(c.id, b.id, a.id));
  EXPECT_THAT(List({}, INT64_MAX, 2), ElementsAre(c.id, b.id));
  EXPECT_THAT(List({}, b.id, 2), ElementsAre(a.id));
  EXPECT_THAT(List({.states = {CaseState::kNew}}), ElementsAre(c.id, a.id));
  EXPECT_THAT(List({.states = {CaseState::kNew, CaseState::kAcknowledged}}), ElementsAre(c.id, b.id, a.id));
  EXPECT_THAT(List({.owner = "bob"}), ElementsAre(b.id));
  EXPECT_THAT(List({.member_id = "anna"}), ElementsAre(c.id, a.id));
  EXPECT_THAT(List({.member_id = "anna"}, c.id), ElementsAre(a.id));
  EXPECT_THAT(List({.states = {CaseState::kNew}, .member_id = "bert"}), IsEmpty());
  EXPECT_THAT(List({.owner = "bob", .member_id = "bert"}), ElementsAre(b.id));
  EXPECT_THAT(List({.owner = "bob", .member_id = "anna"}), IsEmpty());
  EXPECT_THAT(List({.member_id = "anna", .overdue_only = true, .now = kNoon + absl::Minutes(79)}),
              ElementsAre(a.id));
  With(a, [](Case& x) { EXPECT_TRUE(Resolve(x, "ok", 0, 0, kNoon + absl::Minutes(12)).ok()); });
  EXPECT_THAT(List({.states = {CaseState::kNew, CaseState::kResolved}}), ElementsAre(c.id, a.id));
  EXPECT_THAT(List({.states = {CaseState::kResolved}}), ElementsAre(a.id));
  EXPECT_THAT(List({.states = {CaseState::kNew, CaseState::kAcknowledged}}), ElementsAre(c.id, b.id));
  With(a, [](Case& x) { EXPECT_TRUE(Reopen(x, kNoon + absl::Minutes(13)).ok()); });
  EXPECT_THAT(List({.overdue_only = true, .now = kNoon + absl::Minutes(70)}), ElementsAre(b.id, a.id));
  EXPECT_THAT(List({.owner = "bob", .overdue_only = true, .now = kNoon + absl::Minutes(69)}), IsEmpty());
}

TEST_F(Cases, TheListOfOverdueOnesIsWhatTheDomainCallsOverdue) {
  const absl::Time now = kNoon + absl::Minutes(90);
  Open(0);
  With(Open(1), [&](Case& x) { EXPECT_TRUE(AddNote(x, NoteKind::kContact, "n", "b", now).ok()); });
  With(Open(2), [&](Case& x) { EXPECT_TRUE(Resolve(x, "ok", 0, 0, now).ok()); });
  With(Open(3), [&](Case& x) { EXPECT_TRUE(SetState(x, CaseState::kWaiting, now).ok()); });
  With(Open(4), [&](Case& x) {
    EXPECT_TRUE(Resolve(x, "ok", 0, 0, now).ok());
    EXPECT_TRUE(Reopen(x, now).ok());
  });
  Open(30);
  Open(31);
  std::vector<int64_t> expected;
  for (const Case& c : store_.In([&](Transaction& tx) { return ListCases(tx, kShop, {}, INT64_MAX, 99); })) {
    if (IsOverdue(c, now)) expected.push_back(c.id);
  }
  EXPECT_EQ(expected.size(), 4u);
  EXPECT_EQ(List({.overdue_only = true, .now = now}), expected);
}

TEST_F(Cases, AreDueWhenTheReplyIsLateAndOnlyOnce) {
  const Case first = Open(0), second = Open(5), replied = Open(1), resolved = Open(2);
  With(replied, [](Case& c) {
    EXPECT_TRUE(AddNote(c, NoteKind::kContact, "n", "bob", kNoon + absl::Minutes(3)).ok());
  });
  With(resolved, [](Case& c) { EXPECT_TRUE(Resolve(c, "ok", 0, 0, kNoon + absl::Minutes(3)).ok()); });
  const auto next = [&] { return store_.In([&](Transaction& tx) { return NextDueCase(tx, kShop); }); };
  EXPECT_EQ(next(), kNoon + absl::Minutes(60));
  EXPECT_THAT(Due(kNoon + absl::Minutes(60) - absl::Microseconds(1)), IsEmpty());
  EXPECT_THAT(Due(kNoon + absl::Minutes(60)), ElementsAre(first.id));
  EXPECT_THAT(Due(kNoon + absl::Minutes(90)), ElementsAre(first.id, second.id));
  EXPECT_THAT(Due(kNoon + absl::Minutes(90), 1), ElementsAre(first.id));
  store_.In([&](Transaction& tx) {
    for (Case& c : TakeDueCases(tx, kShop, kNoon + absl::Minutes(90), 10)) {
      EXPECT_TRUE(EscalateIfLate(c, kNoon + absl::Minutes(90)));
      UpdateCase(tx, kShop, c);
    }
    EXPECT_THAT(Due(kNoon + absl::Minutes(90)), IsEmpty()) << "another job finds them locked";
    return true;
  });
  EXPECT_THAT(Due(kNoon + absl::Hours(9)), IsEmpty());
  EXPECT_EQ(next(), absl::InfiniteFuture());
}

TEST_F(Cases, HaveTheirNotesInOrder) {
  const Case c = Open();
  std::vector<CaseNote> notes;
  With(c, [&](Case& x) {
    notes.push_back(*AddNote(x, NoteKind::kNote, "First\nline.", "bob", kNoon));
    notes.push_back(*AddNote(x, NoteKind::kContact, "Second.", "eve", kNoon + absl::Minutes(1)));
  });
  store_.In([&](Transaction& tx) {
    for (const CaseNote& note : notes) InsertCaseNote(tx, kShop, note);
    return true;
  });
  EXPECT_EQ(store_.In([&](Transaction& tx) { return ListCaseNotes(tx, kShop, c.id); }), notes);
}

}  // namespace
}  // namespace loyalty::surveys
