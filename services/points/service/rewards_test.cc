// Rewards and redemptions, as a caller sees them.
#include "loyalty/points/v1/event.pb.h"
#include "services/points/service/test_rewards.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Pair;

constexpr char kPending[] = "REDEMPTION_NOT_PENDING";

TEST_F(RewardServiceTest, ARewardIsKeptAsItIs) {
  const std::string more =
      "tier_prices: {gold: 80}, stock: 50, limit: {most: 2, window: 'REWARD_LIMIT_WINDOW_MONTH'}, tier_ids: "
      "['gold'], member_label: 'plus', start_time: '2026-05-01T00:00:00Z', end_time: '2026-06-01T00:00:00Z', "
      "minimum_order_minor: 5000";
  for (const std::string kind :
       {kMug, kUploaded, kMade, "discount_amount: {amount_minor: 500}", "discount_percent: {percent: 10}",
        "service: {}", "donation: {charity_member_id: 'unicef'}"}) {
    const std::string id = "r" + std::to_string(kind.size());
    const v1::Reward created = Offer(id, kind, more);
    v1::Reward expected = Parse<v1::CreateRewardRequest>(Body(id, kind, more) + "'x'").reward();
    *expected.mutable_create_time() = *expected.mutable_update_time() = created.create_time();
    EXPECT_THAT(created, IsMessage(expected));
    EXPECT_THAT(Get(id), IsMessage(expected));
  }
}

TEST_F(RewardServiceTest, RedeemingTakesThePointsAndFulfillingEndsIt) {
  Offer("mug", kMug);
  Give("anna", 150);
  const auto redeemed =
      Redeem("r1", "mug", ", order_id: 'o1', order_total_minor: 3000, actor: 'app', channel: 'web'");
  ASSERT_THAT(redeemed, IsOk());
  EXPECT_THAT(
      redeemed->entry(),
      IsMessage(Parse<v1::Entry>(
          "member_id: 'anna', sequence: 2, kind: 'ENTRY_KIND_REDEMPTION', points: -100, balance_after: 50, "
          "occurred_time: '2026-05-01T12:00:00Z', recorded_time: '2026-05-01T12:00:00Z', request_id: 'r1', "
          "order_id: 'o1', actor: 'app', channel: 'web', reward_id: 'mug', lot_uses: [{lot_sequence: 1, "
          "points: 100, earned_time: '2026-05-01T12:00:00Z'}]")));
  EXPECT_THAT(Newest("anna"), IsMessage(redeemed->entry()));
  const auto found = [&] {
    return Done(&Rewards::GetRedemption, "redemption_request_id: 'r1'").redemption();
  };
  EXPECT_THAT(found(),
              IsMessage(Parse<v1::Redemption>(
                  "member_id: 'anna', sequence: 2, redemption_request_id: 'r1', reward_id: 'mug', "
                  "price_points: 100, state: 'REDEMPTION_STATE_PENDING', order_id: 'o1', redeem_time: "
                  "'2026-05-01T12:00:00Z'")));
  EXPECT_EQ(Get("mug").redeemed_count(), 1);
  const auto done = Fulfill("f1", "r1");
  EXPECT_EQ(done->entry().kind(), v1::ENTRY_KIND_FULFILLMENT);
  EXPECT_EQ(done->entry().corrected_sequence(), 2);
  EXPECT_EQ(found().state(), v1::REDEMPTION_STATE_FULFILLED);
  for (const auto& again : {Fulfill("f2", "r1").error, Cancel("c1", "r1").error}) {
    EXPECT_THAT(again, Refused(StatusCode::FAILED_PRECONDITION, kPending));
    EXPECT_EQ(again.metadata.at("state"), "FULFILLED");
  }
  const auto report = Call(&Ledgers::VerifyLedger, "");
  EXPECT_EQ(report->spent_points(), 100);
  ExpectCleanLedger();
}

TEST_F(RewardServiceTest, CancellingGivesEverythingBack) {
  Offer("card", kUploaded, "stock: 1, limit: {most: 1}");
  Upload("card", "['A-1']");
  Give("anna", 150);
  Give("bert", 150);
  const auto redeemed = Redeem("r1", "card");
  EXPECT_EQ(redeemed->entry().code(), "A-1");
  EXPECT_EQ(Get("card").free_code_count(), 0);
  const auto back = Cancel("c1", "r1");
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->entry().kind(), v1::ENTRY_KIND_RESTORE);
  EXPECT_EQ(back->entry().points(), 100);
  EXPECT_EQ(back->entry().lot_uses(0).lot_sequence(), redeemed->entry().lot_uses(0).lot_sequence());
  EXPECT_EQ(back->entry().lot_uses(0).points(), -100);
  EXPECT_EQ(Balance("anna"), 150);
  EXPECT_EQ(Get("card").redeemed_count(), 0);
  EXPECT_EQ(Get("card").free_code_count(), 1);
  const auto twice = Cancel("c2", "r1");
  EXPECT_THAT(twice, Refused(StatusCode::FAILED_PRECONDITION, kPending));
  EXPECT_EQ(twice.error.metadata.at("state"), "CANCELLED");
  EXPECT_EQ(Redeem("r2", "card", "", "bert")->entry().code(), "A-1");
  EXPECT_THAT(Redeem("r3", "card"), Refused(StatusCode::FAILED_PRECONDITION, "OUT_OF_STOCK"));
  ExpectCleanLedger();
}

TEST_F(RewardServiceTest, MadeCodesHaveTheirFormAndAreNeverTheSame) {
  Offer("card", kMade);
  Give("anna", 100 * 40);
  std::set<std::string> codes;
  for (int i = 0; i < 40; ++i) {
    const std::string code = Redeem("r" + std::to_string(i), "card")->entry().code();
    EXPECT_THAT(code, ::testing::MatchesRegex("SUMMER-[2-9A-HJ-NP-Z]+"));
    EXPECT_EQ(code.size(), 17u);
    EXPECT_TRUE(codes.insert(code).second) << code;
  }
  const auto again = Redeem("r7", "card");
  EXPECT_THAT(again, IsReplayed());
  EXPECT_EQ(codes.count(again->entry().code()), 1u) << "a replay has the code of the first answer";
  ExpectCleanLedger();
}

TEST_F(RewardServiceTest, RefusesForEachConditionWithWhatItAsks) {
  const auto expect = [&](const std::string& id, const std::string& reason,
                          const std::map<std::string, std::string>& metadata, const std::string& more = "") {
    const auto reply = Redeem("x", id, more);
    EXPECT_THAT(reply, Refused(StatusCode::FAILED_PRECONDITION, reason));
    EXPECT_THAT(reply.error.metadata, IsSupersetOf(metadata)) << id;
  };
  Give("anna", 100);
  Offer("soon", kMug, "start_time: '2026-05-02T00:00:00Z'");
  expect("soon", "REWARD_NOT_VALID", {{"start_time", "2026-05-02T00:00:00+00:00"}});
  Offer("over", kMug, "end_time: '2026-05-01T12:00:00Z'");
  expect("over", "REWARD_NOT_VALID", {{"end_time", "2026-05-01T12:00:00+00:00"}});
  Offer("gold", kMug, "tier_ids: ['gold', 'silver']");
  expect("gold", "REWARD_TIER_MISSING", {{"tier_ids", "gold,silver"}});
  Offer("plus", kMug, "member_label: 'plus'");
  expect("plus", "REWARD_LABEL_MISSING", {{"label", "plus"}});
  Offer("large", kMug, "minimum_order_minor: 5000");
  expect("large", "ORDER_TOO_SMALL", {{"minimum_minor", "5000"}, {"order_total_minor", "4999"}},
         ", order_total_minor: 4999");
  Offer("empty", kUploaded);
  expect("empty", "NO_CODE_LEFT", {{"reward_id", "empty"}});
  Offer("gone", kMug);
  Done(&Rewards::ArchiveReward, "reward_id: 'gone', actor: 'ann', request_id: 'a1'");
  expect("gone", "REWARD_ARCHIVED", {{"reward_id", "gone"}});
  EXPECT_EQ(Balance("anna"), 100);
  Offer("once", kMug, "limit: {most: 1}");
  Done(&Rewards::RedeemReward, Redeeming("r1", "once"));
  expect("once", "REWARD_LIMIT_REACHED", {{"limit", "1"}});
  Offer("mug", kMug);
  expect("mug", "INSUFFICIENT_POINTS", {{"balance", "0"}, {"asked", "100"}});
  EXPECT_THAT(Redeem("x", "nothing"), Refused(StatusCode::NOT_FOUND, "REWARD_NOT_FOUND"));
  EXPECT_THAT(Redeem("x", "mug", "", "carl"), Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
  for (const std::string named : {"give-anna100", "unknown"}) {
    EXPECT_THAT(Cancel("x", named), Refused(StatusCode::NOT_FOUND, "REDEMPTION_NOT_FOUND"));
    EXPECT_THAT(Fulfill("x", named), Refused(StatusCode::NOT_FOUND, "REDEMPTION_NOT_FOUND"));
    EXPECT_THAT(Ask(&Rewards::GetRedemption, "redemption_request_id: '" + named + "'"),
                Refused(StatusCode::NOT_FOUND, "REDEMPTION_NOT_FOUND"));
  }
  EXPECT_THAT(Call(&Points::ReverseEntry, "member_id: 'anna', request_id: 'x', reversed_request_id: 'r1'"),
              Refused(StatusCode::FAILED_PRECONDITION, "ENTRY_NOT_REVERSIBLE"));
}

TEST_F(RewardServiceTest, TheTierDecidesThePrice) {
  SetPolicy(
      "tiers",
      "{metric: 'TIER_METRIC_MONEY_SPENT', period: 'TIER_PERIOD_CALENDAR_YEAR', tiers: [{tier_id: 'gold', "
      "display_name: 'Gold', threshold: 1000}]}");
  Offer("mug", kMug, "tier_prices: {gold: 30}, tier_ids: ['gold']");
  Give("anna", 100);
  EXPECT_THAT(Redeem("r1", "mug"), Refused(StatusCode::FAILED_PRECONDITION, "REWARD_TIER_MISSING"));
  Made(&Points::RecordPurchase,
       "member_id: 'anna', request_id: 'p1', purchase: {order_id: 'o1', purchase_time: "
       "'2026-05-01T10:00:00Z', "
       "total_minor: 1000}");
  EXPECT_EQ(Redeem("r1", "mug")->entry().points(), -30);
}

TEST_F(RewardServiceTest, DonationsAreFulfilledAtOnceAndStandInTheStatement) {
  Offer("gift", "donation: {charity_member_id: 'unicef'}");
  Give("anna", 300);
  const auto nobody = Redeem("r1", "gift");
  EXPECT_THAT(nobody, Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
  EXPECT_EQ(nobody.error.metadata.at("member_id"), "unicef");
  Made(&Points::EnrollMember, "member_id: 'unicef'");
  const auto given = Redeem("r1", "gift");
  ASSERT_THAT(given, IsOk());
  EXPECT_EQ(Newest("unicef").kind(), v1::ENTRY_KIND_DONATION);
  EXPECT_EQ(Newest("unicef").counterpart_sequence(), given->entry().sequence());
  EXPECT_EQ(Balance("unicef"), 100);
  EXPECT_THAT(Cancel("c1", "r1"), Refused(StatusCode::FAILED_PRECONDITION, kPending));
  server_.clock().Advance(absl::Hours(24));
  ASSERT_THAT(Redeem("r2", "gift"), IsOk());
  Made(&Rules::CreateEarnRule,
       "rule: {program_id: 'shop', rule_id: 'round-up', display_name: 'x', effect: {donation: {charity_id: "
       "'unicef', "
       "points: 5}}}, actor: 'ann', request_id: 'rule'");
  Made(&Points::RecordPurchase,
       "member_id: 'anna', request_id: 'p1', purchase: {order_id: 'o1', purchase_time: "
       "'2026-05-02T10:00:00Z', "
       "total_minor: 1000}");
  const auto statement = [&](const std::string& period) {
    return Done(&Rewards::GetDonationStatement, "charity_member_id: 'unicef'" + period);
  };
  EXPECT_THAT(statement(""),
              IsMessage(Parse<v1::GetDonationStatementResponse>(
                  "sums: [{reward_id: 'gift', points: 200, donation_count: 2}, {rule_id: 'round-up', "
                  "points: 5, donation_count: 1}], total_points: 205")));
  EXPECT_EQ(statement(", end_time: '2026-05-02T00:00:00Z'").total_points(), 100);
  EXPECT_EQ(statement(", start_time: '2026-05-02T11:00:00Z'").total_points(), 100) << "the second redemption";
  EXPECT_EQ(statement(", start_time: '2027-01-01T00:00:00Z'").sums_size(), 0);
  EXPECT_THAT(Ask(&Rewards::GetDonationStatement, "charity_member_id: 'carl'"),
              Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
  ExpectCleanLedger();
}

TEST_F(RewardServiceTest, CodesAreUploadedAllOrNoneAndOnceInTheProgram) {
  Offer("card", kUploaded);
  Offer("other", kUploaded);
  Offer("mug", kMug);
  const auto upload = [&](const std::string& id, const std::string& codes, const std::string& request) {
    return Ask(&Rewards::UploadRewardCodes,
               "reward_id: '" + id + "', codes: " + codes + ", actor: 'ann', request_id: '" + request + "'");
  };
  const auto first = upload("card", "['A', 'B']", "u1");
  EXPECT_EQ(first->added_count(), 2);
  EXPECT_EQ(first->free_code_count(), 2);
  EXPECT_THAT(upload("card", "['A', 'B']", "u1"), IsReplayed());
  const auto known = upload("other", "['C', 'B', 'A']", "u2");
  EXPECT_THAT(known, Refused(StatusCode::ALREADY_EXISTS, "REWARD_CODE_EXISTS"));
  EXPECT_THAT(known.error.metadata, ElementsAre(Pair("count", "2")));
  EXPECT_EQ(Get("other").free_code_count(), 0) << "not even the new one";
  EXPECT_THAT(upload("mug", "['D']", "u3"), Refused(StatusCode::FAILED_PRECONDITION, "NO_UPLOADED_CODES"));
  EXPECT_THAT(upload("nothing", "['D']", "u3"), Refused(StatusCode::NOT_FOUND, "REWARD_NOT_FOUND"));
  EXPECT_THAT(upload("card", "['D', '', 'D']", "u3").error.violations,
              ElementsAre("codes[1] FIELD_REQUIRED", "codes[2] DUPLICATE"));
  EXPECT_THAT(upload("card", "[]", "u3").error.violations, ElementsAre("codes FIELD_REQUIRED"));
  v1::UploadRewardCodesRequest many;
  many.set_program_id("shop");
  many.set_reward_id("card");
  many.set_actor("ann");
  many.set_request_id("u4");
  for (int i = 0; i < 10'000; ++i) many.add_codes(absl::StrCat("many-", i));
  EXPECT_EQ(rewards_.Send(&Rewards::UploadRewardCodes, many)->added_count(), 10'000);
  many.add_codes("one-more");
  EXPECT_THAT(rewards_.Send(&Rewards::UploadRewardCodes, many).error.violations,
              ElementsAre("codes TOO_MANY"));
  Done(&Rewards::ArchiveReward, "reward_id: 'card', actor: 'ann', request_id: 'a1'");
  EXPECT_THAT(upload("card", "['Z']", "u5"), Refused(StatusCode::FAILED_PRECONDITION, "REWARD_ARCHIVED"));
}

TEST_F(RewardServiceTest, AChangeHoldsForWhatIsRedeemedFromThenOn) {
  const v1::Reward first = Offer("mug", kMug);
  Give("anna", 300);
  Done(&Rewards::RedeemReward, Redeeming("r1", "mug"));
  server_.clock().Advance(absl::Hours(1));
  const std::string cheaper =
      "reward: {program_id: 'shop', reward_id: 'mug', display_name: 'y', price_points: 50, free_product: "
      "{sku: "
      "'mug-2'}}, actor: 'ann', request_id: 'u1'";
  const auto changed = Ask(&Rewards::UpdateReward, cheaper);
  ASSERT_THAT(changed, IsOk());
  EXPECT_EQ(changed->reward().update_time().seconds(), first.create_time().seconds() + 3600);
  EXPECT_EQ(changed->reward().redeemed_count(), 1);
  EXPECT_THAT(Get("mug"), IsMessage(changed->reward()));
  EXPECT_THAT(Ask(&Rewards::UpdateReward, cheaper), IsReplayed());
  EXPECT_EQ(Redeem("r2", "mug")->entry().points(), -50);
  const auto fixed = Ask(&Rewards::UpdateReward, Body("mug", "service: {}") + "'u2'");
  EXPECT_THAT(fixed, Refused(StatusCode::FAILED_PRECONDITION, "REWARD_KIND_FIXED"));
  EXPECT_THAT(Ask(&Rewards::UpdateReward, Body("cup", kMug) + "'u2'"),
              Refused(StatusCode::NOT_FOUND, "REWARD_NOT_FOUND"));
  const auto gone = Done(&Rewards::ArchiveReward, "reward_id: 'mug', actor: 'ann', request_id: 'a1'");
  EXPECT_TRUE(gone.reward().has_archive_time());
  EXPECT_THAT(Done(&Rewards::ArchiveReward, "reward_id: 'mug', actor: 'ann', request_id: 'a2'"),
              IsMessage(gone));
  EXPECT_THAT(Ask(&Rewards::UpdateReward, Body("mug", kMug) + "'u2'"),
              Refused(StatusCode::FAILED_PRECONDITION, "REWARD_ARCHIVED"));
  EXPECT_THAT(Cancel("c1", "r1"), IsOk()) << "what was redeemed stands, and can be taken back";
}

TEST_F(RewardServiceTest, IdsOfRewardsAndRequestsAreGivenOnce) {
  const v1::Reward first = Offer("mug", kMug);
  for (const std::string request : {"'new-mug'", "'c2'"}) {
    const auto again = Ask(&Rewards::CreateReward, Body("mug", kMug) + request);
    EXPECT_THAT(again, IsReplayed());
    EXPECT_THAT(again->reward(), IsMessage(first));
  }
  const auto other = Ask(&Rewards::CreateReward, Body("mug", "service: {}") + "'c3'");
  EXPECT_THAT(other, Refused(StatusCode::ALREADY_EXISTS, "REWARD_ALREADY_EXISTS"));
  EXPECT_THAT(other.error.metadata, ElementsAre(Pair("reward_id", "mug")));
  Give("anna", 200);
  const auto redeemed = Redeem("r1", "mug");
  EXPECT_THAT(*Redeem("r1", "mug"), IsMessage(*redeemed));
  EXPECT_THAT(Redeem("r1", "mug"), IsReplayed());
  EXPECT_THAT(Redeem("r1", "mug", ", order_id: 'o1'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_EQ(Balance("anna"), 100);
}

TEST_F(RewardServiceTest, TrialsWriteNothing) {
  Offer("card", kUploaded, "stock: 5");
  Upload("card", "['A', 'B']");
  Give("anna", 300);
  Done(&Rewards::RedeemReward, Redeeming("r1", "card"));
  const std::string before = AllWritten(), trial = ", validate_only: true";
  EXPECT_EQ(Redeem("r2", "card", trial)->entry().code(), "") << "B is for who pays for it";
  EXPECT_EQ(Done(&Rewards::CancelRedemption, Naming("c1", "r1") + trial).entry().points(), 100);
  Done(&Rewards::FulfillRedemption, Naming("f1", "r1") + trial);
  Done(&Rewards::CreateReward, Body("mug", kMug) + "'c1'" + trial);
  Done(&Rewards::UpdateReward, Body("card", kUploaded) + "'u1'" + trial);
  Done(&Rewards::ArchiveReward, "reward_id: 'card', actor: 'ann', request_id: 'a1'" + trial);
  Done(&Rewards::UploadRewardCodes,
       "reward_id: 'card', codes: ['C'], actor: 'ann', request_id: 'u2'" + trial);
  EXPECT_EQ(AllWritten(), before);
}

TEST_F(RewardServiceTest, ListsAreInTheirOrder) {
  for (const std::string id : {"b", "a", "c"}) Offer(id, kMug);
  Done(&Rewards::ArchiveReward, "reward_id: 'a', actor: 'ann', request_id: 'a1'");
  Give("anna", 500);
  for (const std::string id : {"b", "c"}) Done(&Rewards::RedeemReward, Redeeming("r-" + id, id));
  const auto ids = [&](const std::string& filter) {
    std::vector<std::string> listed;
    std::string token;
    do {
      const auto page = Done(&Rewards::ListRewards, "page_size: 1, page_token: '" + token + "'" + filter);
      for (const auto& reward : page.rewards()) listed.push_back(reward.reward_id());
      token = page.next_page_token();
    } while (!token.empty());
    return listed;
  };
  EXPECT_THAT(ids(""), ElementsAre("b", "c"));
  EXPECT_THAT(ids(", include_archived: true"), ElementsAre("a", "b", "c"));
  const auto page = Done(&Rewards::ListRedemptions, "member_id: 'anna', page_size: 1");
  EXPECT_EQ(page.redemptions(0).reward_id(), "c");
  const auto next = Done(&Rewards::ListRedemptions,
                         "member_id: 'anna', page_size: 1, page_token: '" + page.next_page_token() + "'");
  EXPECT_EQ(next.redemptions(0).reward_id(), "b");
  EXPECT_EQ(next.next_page_token(), "");
  EXPECT_THAT(Ask(&Rewards::ListRedemptions, "member_id: 'carl'"),
              Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
}

TEST_F(RewardServiceTest, TellsEverythingThatIsWrong) {
  EXPECT_THAT(
      Ask(&Rewards::CreateReward, "reward: {reward_id: 'A', voucher: {}, price_points: -1}").error.violations,
      ElementsAre("reward.program_id FIELD_REQUIRED", "request_id FIELD_REQUIRED", "actor FIELD_REQUIRED",
                  "reward.voucher.source FIELD_REQUIRED", "reward.reward_id MALFORMED",
                  "reward.display_name FIELD_REQUIRED", "reward.price_points NOT_POSITIVE"));
  EXPECT_THAT(Ask(&Rewards::RedeemReward, "order_total_minor: -1").error.violations,
              ElementsAre("member_id FIELD_REQUIRED", "request_id FIELD_REQUIRED", "reward_id FIELD_REQUIRED",
                          "order_total_minor NEGATIVE"));
  EXPECT_THAT(Ask(&Rewards::CancelRedemption, "member_id: 'anna'").error.violations,
              ElementsAre("request_id FIELD_REQUIRED", "redemption_request_id FIELD_REQUIRED"));
  EXPECT_THAT(
      Ask(&Rewards::GetDonationStatement,
          "charity_member_id: 'a', start_time: '2026-01-02T00:00:00Z', end_time: '2026-01-01T00:00:00Z'")
          .error.violations,
      ElementsAre("end_time TIME_ORDER"));
}

TEST_F(RewardServiceTest, ChangesAndRedemptionsAreEvents) {
  Offer("mug", kMug);
  Done(&Rewards::UpdateReward, Body("mug", kMug, "stock: 3") + "'u1'");
  Done(&Rewards::UpdateReward, Body("mug", kMug, "stock: 3") + "'u2'");
  Give("anna", 100);
  Done(&Rewards::RedeemReward, Redeeming("r1", "mug"));
  Done(&Rewards::ArchiveReward, "reward_id: 'mug', actor: 'ann', request_id: 'a1'");
  std::vector<std::string> types;
  const auto events = Call(&Events::ListEvents, "");
  for (const auto& event : events->events()) {
    types.push_back(event.payload().type_url().substr(event.payload().type_url().rfind('.') + 1));
  }
  EXPECT_THAT(types, ElementsAre("ProgramCreated", "RewardCreated", "RewardUpdated", "MemberEnrolled",
                                 "EntryPosted", "EntryPosted", "RewardArchived"));
  v1::EntryPosted posted;
  ASSERT_TRUE(events->events(5).payload().UnpackTo(&posted));
  EXPECT_EQ(posted.entry().reward_id(), "mug");
}

}  // namespace
}  // namespace loyalty::points
