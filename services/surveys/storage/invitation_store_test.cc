#include "services/surveys/storage/invitation_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/postgres/errors.h"
#include "services/surveys/storage/test_store.h"

namespace loyalty::surveys {
namespace {

using postgres::Transaction;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kNewest = INT64_MAX;

class Invitations : public ::testing::Test {
 protected:
  Invitation Make(const std::string& member, const std::string& token, absl::Duration validity,
                  const std::string& order_id = "") {
    return store_.Store(
        *Invite(survey_, {member, "mail", "gold", validity, order_id}, token, kNoon, absl::UTCTimeZone()));
  }
  std::vector<std::string> Due(absl::Time now, int limit = 10) {
    return store_.In([&](Transaction& tx) { return Tokens(TakeDueInvitations(tx, kShop, now, limit)); });
  }
  static std::vector<std::string> Tokens(const std::vector<Invitation>& invitations) {
    std::vector<std::string> tokens;
    for (const Invitation& invitation : invitations) tokens.push_back(invitation.token);
    return tokens;
  }

  TestStore store_;
  Survey survey_ = store_.Store(FullSurvey());
};

TEST_F(Invitations, AreGivenBackByTheirToken) {
  const Invitation made = Make("anna", "t1", absl::Hours(1), "order-1");
  EXPECT_GT(made.id, 0);
  EXPECT_EQ(*store_.In([&](Transaction& tx) { return LoadInvitation(tx, kShop, "t1"); }), made);
  EXPECT_EQ(*store_.In([&](Transaction& tx) { return LockInvitation(tx, kShop, "t1"); }), made);
  for (const auto& [program, token] : {std::pair(kShop, "t2"), std::pair(kOther, "t1")}) {
    EXPECT_THAT(store_.In([&](Transaction& tx) { return LoadInvitation(tx, program, token); }),
                IsRefused(absl::StatusCode::kNotFound, "INVITATION_NOT_FOUND"));
  }
}

TEST_F(Invitations, ATriggerInvitesAMemberOnceWhateverHappens) {
  Make("anna", "t1", {}, "order-1");
  Make("anna", "t2", {});
  Make("anna", "t3", {});
  Invitation twice = *Invite(survey_, {"anna", "", "", {}, "order-2"}, "t4", kNoon, absl::UTCTimeZone());
  const absl::Status status = store_.pool.Run([&](Transaction& tx) {
    InsertInvitation(tx, kShop, twice);
    return absl::OkStatus();
  });
  EXPECT_TRUE(postgres::IsUniqueViolation(status)) << status;
}

TEST_F(Invitations, AreListedNewestFirstInPagesByMemberAndState) {
  Make("anna", "t1", absl::Hours(1));
  const Invitation second = Make("bert", "t2", absl::Hours(2));
  store_.StoreResponse(survey_, "t3", {ScoreOf("nps", 9)});
  const auto list = [&](const InvitationFilter& filter, int64_t before = kNewest, int limit = 10) {
    return store_.In(
        [&](Transaction& tx) { return Tokens(ListInvitations(tx, kShop, filter, before, limit)); });
  };
  InvitationFilter filter{survey_.key, "", 0, kNoon + absl::Hours(1)};
  EXPECT_THAT(list(filter), ElementsAre("t3", "t2", "t1"));
  EXPECT_THAT(list(filter, kNewest, 2), ElementsAre("t3", "t2"));
  EXPECT_THAT(list(filter, second.id, 2), ElementsAre("t1"));
  filter.member_id = "anna";
  EXPECT_THAT(list(filter), ElementsAre("t3", "t1"));
  filter.member_id = "";
  filter.state = static_cast<int>(InvitationState::kOpen);
  EXPECT_THAT(list(filter), ElementsAre("t2"));
  filter.state = static_cast<int>(InvitationState::kAnswered);
  EXPECT_THAT(list(filter), ElementsAre("t3"));
  filter.state = static_cast<int>(InvitationState::kExpired);
  EXPECT_THAT(list(filter), ElementsAre("t1")) << "though no job has run";
}

TEST_F(Invitations, AreDueAtTheEndOfTheirTimeAndOnlyOnce) {
  Make("anna", "t1", absl::Hours(2));
  Make("bert", "t2", absl::Hours(1));
  Make("carl", "t3", absl::Hours(3));
  const auto next = [&] { return store_.In([&](Transaction& tx) { return NextDueInvitation(tx, kShop); }); };
  EXPECT_EQ(next(), kNoon + absl::Hours(1));
  EXPECT_THAT(Due(kNoon + absl::Hours(1) - absl::Microseconds(1)), IsEmpty());
  EXPECT_THAT(Due(kNoon + absl::Hours(2)), ElementsAre("t2", "t1"));
  EXPECT_THAT(Due(kNoon + absl::Hours(2), 1), ElementsAre("t2"));
  store_.In([&](Transaction& tx) {
    auto due = TakeDueInvitations(tx, kShop, kNoon + absl::Hours(2), 10);
    ExpireInvitations(tx, kShop, due);
    EXPECT_EQ(due[0].state, InvitationState::kExpired);
    return true;
  });
  EXPECT_THAT(Due(kNoon + absl::Hours(2)), IsEmpty());
  EXPECT_EQ(next(), kNoon + absl::Hours(3));
  EXPECT_EQ(store_.In([&](Transaction& tx) { return LoadInvitation(tx, kShop, "t1"); })->state,
            InvitationState::kExpired);
  EXPECT_EQ(store_.In([&](Transaction& tx) { return NextDueInvitation(tx, kOther); }),
            absl::InfiniteFuture());
}

TEST_F(Invitations, ThatAnotherJobHasTakenAreLeftOut) {
  Make("anna", "t1", absl::Hours(1));
  Make("bert", "t2", absl::Hours(1));
  store_.In([&](Transaction& tx) {
    EXPECT_EQ(TakeDueInvitations(tx, kShop, kNoon + absl::Hours(2), 1).size(), 1u);
    EXPECT_EQ(Due(kNoon + absl::Hours(2)).size(), 1u);
    return true;
  });
}

}  // namespace
}  // namespace loyalty::surveys
