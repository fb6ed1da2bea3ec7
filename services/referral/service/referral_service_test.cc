#include "services/referral/service/referral_service.h"

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "loyalty/referral/v1/error_reason.pb.h"
#include "services/referral/service/test_client.h"

namespace loyalty::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class ReferralService : public ServerTest {
 protected:
  static constexpr char kAnna[] = "campaign_id: 'spring', member_id: 'anna'";
  // RecordQualifyingEvent, now.
  Reply<v1::RecordQualifyingEventResponse> Report(const std::string& friend_id, const std::string& order,
                                                  int64_t amount = 5000, const std::string& more = "") {
    return Call(
        &Referrals::RecordQualifyingEvent,
        absl::StrCat("friend_id: '", friend_id, "', order_id: '", order, "', amount_minor: ", amount,
                     ", purchase_time: '",
                     absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", server_.clock().Now(), absl::UTCTimeZone()),
                     "', request_id: 'report ", friend_id, " ", order, "'", more));
  }
};

TEST_F(ReferralService, AMemberGetsOneCodeTheSameEachTime) {
  AddCampaign();
  const auto first = Call(&Referrals::GetOrCreateCode, kAnna);
  ASSERT_TRUE(first.ok()) << first;
  EXPECT_FALSE(first.replayed);
  const v1::Code& code = first->code();
  EXPECT_THAT(code.code(), ::testing::MatchesRegex("[23456789abcdefghjkmnpqrstuvwxyz]{7}"));
  EXPECT_EQ(code.kind(), v1::CODE_KIND_GENERATED);
  EXPECT_EQ(code.member_id(), "anna");
  Made(&Campaigns::EndCampaign, "campaign_id: 'spring', request_id: 'end'");
  server_.clock().Advance(absl::Hours(1));
  for (const char* more : {"", ", request_id: 'x'", ", request_id: 'x', actor: 'y'"}) {
    const auto again = Call(&Referrals::GetOrCreateCode, std::string(kAnna) + more);
    ASSERT_TRUE(again.ok()) << again;
    EXPECT_TRUE(again.replayed);
    EXPECT_THAT(*again, IsMessage(*first)) << "also after the end";
  }
  EXPECT_THAT(Call(&Referrals::GetOrCreateCode, "campaign_id: 'spring', member_id: 'bert'"),
              Refused(StatusCode::FAILED_PRECONDITION, "CAMPAIGN_NOT_ACTIVE"));
  EXPECT_EQ(Events(), "CampaignCreated CampaignActivated CodeIssued CampaignEnded");
}

TEST_F(ReferralService, AChosenCodeStandsBesideTheOwnOne) {
  AddCampaign();
  const std::string want = std::string(kAnna) + ", code: '  Anna-26 ', request_id: ";
  const auto first = Call(&Referrals::CreateVanityCode, want + "'r1'");
  ASSERT_TRUE(first.ok()) << first;
  EXPECT_THAT(first->code(),
              IsMessage(Parse<v1::Code>(
                  "code: 'anna-26', kind: 'CODE_KIND_VANITY', campaign_id: 'spring', member_id: "
                  "'anna', create_time: '2026-05-01T12:00:00Z'")));
  EXPECT_THAT(*Call(&Referrals::CreateVanityCode, want + "'r2'"), IsMessage(*first)) << "as it stands";
  const auto ask = [&](const char* member, const char* code) {
    return Call(&Referrals::CreateVanityCode,
                absl::StrCat("campaign_id: 'spring', member_id: '", member, "', code: '", code,
                             "', request_id: '", member, code, "'"));
  };
  EXPECT_THAT(ask("anna", "anna-27"), Refused(StatusCode::FAILED_PRECONDITION, "VANITY_CODE_ALREADY_SET"));
  EXPECT_THAT(ask("bert", "ANNA-26"), Refused(StatusCode::ALREADY_EXISTS, "CODE_TAKEN"));
  EXPECT_THAT(ask("bert", "shit-26"), Refused(StatusCode::FAILED_PRECONDITION, "CODE_BLOCKED"));
  EXPECT_EQ(Events(), "CampaignCreated CampaignActivated CodeIssued");
}

TEST_F(ReferralService, ALookTellsWhoseCodeItIsAndWhetherItCanBeClaimed) {
  AddCampaign();
  AddCode("anna");
  const auto found = Call(&Referrals::LookUpCode, "code: ' CODE-of-Anna '");
  ASSERT_TRUE(found.ok()) << found;
  EXPECT_EQ(found->code().member_id(), "anna");
  EXPECT_EQ(found->campaign_state(), v1::CAMPAIGN_STATE_ACTIVE);
  Made(&Campaigns::EndCampaign, "campaign_id: 'spring', request_id: 'end'");
  EXPECT_EQ(Call(&Referrals::LookUpCode, "code: 'code-of-anna'")->campaign_state(), v1::CAMPAIGN_STATE_ENDED);
  const auto unknown = Call(&Referrals::LookUpCode, "code: 'nobodys'");
  EXPECT_THAT(unknown, Refused(StatusCode::NOT_FOUND, "CODE_NOT_FOUND"));
  EXPECT_THAT(unknown.error.metadata, ElementsAre(Pair("code", "nobodys")));
}

TEST_F(ReferralService, GuessingCodesIsSlow) {
  AddCampaign();
  AddCode("anna");  // code-of-anna
  const auto guess = [&](int i) {
    return i % 2 == 0 ? Call(&Referrals::LookUpCode, absl::StrCat("code: 'CO", i, "'")).error
                      : Call(&Referrals::ClaimReferral,
                             absl::StrCat("friend_id: 'bert', code: 'co", i, "', request_id: 'g", i, "'"))
                            .error;
  };
  int guesses = 0;
  while (guesses < 1'000 && guess(guesses).code == StatusCode::NOT_FOUND) ++guesses;
  EXPECT_GE(guesses, GuessLimit::kBurst);
  EXPECT_LT(guesses, 1'000);
  EXPECT_THAT(Call(&Referrals::LookUpCode, "code: 'code-of-anna'"),
              Refused(StatusCode::RESOURCE_EXHAUSTED, "TOO_MANY_GUESSES"));
  EXPECT_THAT(Call(&Referrals::LookUpCode, "code: 'bode-of-anna'"),
              Refused(StatusCode::NOT_FOUND, "CODE_NOT_FOUND"));
}

TEST_F(ReferralService, AFriendIsClaimedOnce) {
  AddCampaign();
  AddCode("anna");
  AddCode("carl");
  const auto claimed = Claim("bert");
  ASSERT_TRUE(claimed.ok()) << claimed;
  EXPECT_THAT(claimed->referral(),
              IsMessage(Parse<v1::Referral>(absl::StrCat(
                  "referral_id: '", claimed->referral().referral_id(),
                  "', program_id: 'shop', campaign_id: 'spring', campaign_version: 1, code: 'code-of-anna', "
                  "referrer_id: 'anna', friend_id: 'bert', state: 'REFERRAL_STATE_CLAIMED', claim_time: "
                  "'2026-05-01T12:00:00Z', expire_time: '2026-05-31T12:00:00Z'"))));
  EXPECT_FALSE(claimed.replayed);
  EXPECT_TRUE(Claim("bert").replayed) << "the same request id";
  const auto again =
      Call(&Referrals::ClaimReferral, "friend_id: 'bert', code: 'Code-of-Anna', request_id: 'another'");
  ASSERT_TRUE(again.ok()) << again;
  EXPECT_TRUE(again.replayed);
  EXPECT_THAT(*again, IsMessage(*claimed));
  const auto other = Claim("bert", "carl");
  EXPECT_THAT(other, Refused(StatusCode::ALREADY_EXISTS, "FRIEND_ALREADY_CLAIMED"));
  EXPECT_THAT(other.error.metadata,
              UnorderedElementsAre(Pair("friend_id", "bert"),
                                   Pair("referral_id", claimed->referral().referral_id())));
  const auto self = Claim("anna");
  EXPECT_THAT(self, Refused(StatusCode::FAILED_PRECONDITION, "SELF_REFERRAL"));
  EXPECT_THAT(Call(&Referrals::ClaimReferral, "friend_id: 'dora', code: 'nobodys', request_id: 'r'"),
              Refused(StatusCode::NOT_FOUND, "CODE_NOT_FOUND"));
  Made(&Campaigns::EndCampaign, "campaign_id: 'spring', request_id: 'end'");
  EXPECT_THAT(Claim("dora"), Refused(StatusCode::FAILED_PRECONDITION, "CAMPAIGN_NOT_ACTIVE"));
  EXPECT_EQ(Get("bert").transitions_size(), 1);
  EXPECT_EQ(Get("bert").transitions(0).actor(), "shop");
}

TEST_F(ReferralService, WhoHasBoughtIsNoNewCustomerUnlessTheCampaignTakesThem) {
  AddCampaign();
  AddCampaign(absl::StrCat("existing_buyers_allowed: true, ", kThreeBrackets), "open");
  AddCode("anna");
  AddCode("carl", "open");
  Buy("bert", "o1", 10);
  EXPECT_GT(server_.RunDue("shop"), 0);
  const auto refused = Claim("bert");
  EXPECT_THAT(refused, Refused(StatusCode::FAILED_PRECONDITION, "FRIEND_IS_EXISTING_BUYER"));
  EXPECT_THAT(refused.error.metadata,
              UnorderedElementsAre(Pair("friend_id", "bert"), Pair("campaign_id", "spring")));
  EXPECT_THAT(Claim("bert", "carl"), IsOk());
}

TEST_F(ReferralService, ASignUpQualifiesOnceAndIsNotedElsewhere) {
  AddCampaign(kSignUpTerms);
  AddCampaign(kThreeBrackets, "summer");
  AddCode("anna");
  AddCode("carl", "summer");
  Claim("bert");
  Claim("dora", "carl");
  const std::string bert = "friend_id: 'bert', request_id: ";
  const auto signed_up = Call(&Referrals::RecordSignUp, bert + "'r1'");
  ASSERT_TRUE(signed_up.ok()) << signed_up;
  EXPECT_EQ(signed_up->referral().state(), v1::REFERRAL_STATE_REWARDED);
  EXPECT_EQ(signed_up->referral().friend_reward().standing_points(), 50);
  EXPECT_EQ(signed_up->referral().ordinal(), 1);
  server_.clock().Advance(absl::Hours(1));
  const auto replayed = Call(&Referrals::RecordSignUp, bert + "'r1'");
  EXPECT_TRUE(replayed.replayed);
  EXPECT_THAT(*replayed, IsMessage(*signed_up));
  EXPECT_THAT(*Call(&Referrals::RecordSignUp, bert + "'r2'"), IsMessage(*signed_up)) << "the first counts";
  EXPECT_THAT(Call(&Referrals::RecordSignUp, "friend_id: 'dora', request_id: 'r1'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  const auto noted = Call(&Referrals::RecordSignUp,
                          "friend_id: 'dora', request_id: 'r3', sign_up_time: '2026-05-01T12:30:00Z'");
  EXPECT_EQ(noted->referral().state(), v1::REFERRAL_STATE_CLAIMED);
  EXPECT_EQ(noted->referral().sign_up_time().seconds(), absl::ToUnixSeconds(testing::kTestStart) + 1800);
  const auto stranger = Call(&Referrals::RecordSignUp, "friend_id: 'emil', request_id: 'r4'");
  EXPECT_THAT(stranger, Refused(StatusCode::NOT_FOUND, "REFERRAL_NOT_FOUND"));
  EXPECT_THAT(stranger.error.metadata, ElementsAre(Pair("friend_id", "emil")));
  EXPECT_THAT(Events(),
              ::testing::EndsWith(
                  "ReferralClaimed ReferralClaimed ReferralSignedUp ReferralQualified ReferralRewarded "
                  "ReferralSignedUp"));
}

TEST_F(ReferralService, AQualifyingEventCountsOnceForOneFriend) {
  AddCampaign();
  AddCode("anna");
  Claim("bert");
  Claim("dora");
  EXPECT_EQ(Report("bert", "o0", 1999)->referral().state(), v1::REFERRAL_STATE_CLAIMED) << "too small";
  const auto bought = Report("bert", "o1");
  ASSERT_TRUE(bought.ok()) << bought;
  EXPECT_EQ(bought->referral().state(), v1::REFERRAL_STATE_REWARDED);
  EXPECT_EQ(bought->referral().order_id(), "o1");
  EXPECT_TRUE(Report("bert", "o1").replayed);
  EXPECT_EQ(Report("bert", "o2")->referral().order_id(), "o1") << "the first counts";
  EXPECT_THAT(Report("bert", "o1", 7000), Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  const auto reused = Report("dora", "o1");
  EXPECT_THAT(reused, Refused(StatusCode::ALREADY_EXISTS, "ORDER_ID_REUSED"));
  EXPECT_THAT(reused.error.metadata, ElementsAre(Pair("order_id", "o1")));
  EXPECT_THAT(Report("emil", "o9"), Refused(StatusCode::NOT_FOUND, "REFERRAL_NOT_FOUND"));
  EXPECT_EQ(Get("dora").referral().state(), v1::REFERRAL_STATE_CLAIMED);
}

TEST_F(ReferralService, APurchaseFromBeforeTheClaimThatComesToLightRejects) {
  AddCampaign();
  AddCode("anna");
  Claim("bert");
  const auto early = Call(&Referrals::RecordQualifyingEvent,
                          "friend_id: 'bert', order_id: 'o1', amount_minor: 9000, request_id: 'r', actor: "
                          "'till', purchase_time: '2026-04-30T12:00:00Z'");
  EXPECT_EQ(early->referral().state(), v1::REFERRAL_STATE_REJECTED);
  const auto transition = Get("bert").transitions(1);
  EXPECT_EQ(transition.reason(), v1::STATE_REASON_EXISTING_BUYER);
  EXPECT_EQ(transition.actor(), "till");
  EXPECT_THAT(Events(), ::testing::EndsWith("ReferralClaimed ReferralRejected"));
}

TEST_F(ReferralService, ATrialAnswersAsTheRealThingAndWritesNothing) {
  AddCampaign();
  AddCode("anna");
  Claim("bert");
  const std::string before = Written(), trial = ", validate_only: true";
  const auto code = Call(&Referrals::GetOrCreateCode, kAnna + trial);
  EXPECT_EQ(code->code().code().size(), 7u);
  EXPECT_FALSE(code.replayed);
  EXPECT_EQ(Call(&Referrals::CreateVanityCode,
                 "campaign_id: 'spring', member_id: 'dora', code: 'dora', request_id: 'r'" + trial)
                ->code()
                .code(),
            "dora");
  const auto claim =
      Call(&Referrals::ClaimReferral, "friend_id: 'dora', code: 'code-of-anna', request_id: 'r'" + trial);
  EXPECT_EQ(claim->referral().state(), v1::REFERRAL_STATE_CLAIMED);
  EXPECT_TRUE(Call(&Referrals::RecordSignUp, "friend_id: 'bert', request_id: 'r'" + trial)
                  ->referral()
                  .has_sign_up_time());
  EXPECT_EQ(Report("bert", "o1", 5000, trial)->referral().state(), v1::REFERRAL_STATE_REWARDED);
  EXPECT_THAT(Report("emil", "o1", 5000, trial), Refused(StatusCode::NOT_FOUND, "REFERRAL_NOT_FOUND"));
  EXPECT_EQ(Written(), before);
  EXPECT_FALSE(Report("bert", "o1").replayed) << "the trial took no id";
}

TEST_F(ReferralService, AReferralIsFoundByItsIdAndByTheFriend) {
  AddCampaign();
  AddCode("anna");
  const auto id = Claim("bert")->referral().referral_id();
  Report("bert", "o1");
  const auto by_id = Call(&Referrals::GetReferral, absl::StrCat("referral_id: '", id, "'"));
  ASSERT_TRUE(by_id.ok()) << by_id;
  EXPECT_THAT(*by_id, IsMessage(Get("bert")));
  ASSERT_EQ(by_id->transitions_size(), 3);
  EXPECT_EQ(by_id->transitions(1).reason(), v1::STATE_REASON_PURCHASED);
  const auto stranger = Call(&Referrals::GetReferral, "friend_id: 'emil'");
  EXPECT_THAT(stranger, Refused(StatusCode::NOT_FOUND, "REFERRAL_NOT_FOUND"));
  EXPECT_THAT(stranger.error.metadata, ElementsAre(Pair("friend_id", "emil")));
  EXPECT_THAT(Call(&Referrals::GetReferral, "referral_id: '999999'").error.metadata,
              ElementsAre(Pair("referral_id", "999999")));
}

TEST_F(ReferralService, TheListIsFilteredAndItsPagesMakeTheWhole) {
  AddCampaign();
  AddCampaign(kThreeBrackets, "summer");
  AddCode("anna");
  AddCode("carl", "summer");
  for (const char* name : {"f1", "f2", "f3", "f4", "f5"}) Claim(name);
  Claim("g1", "carl");
  Report("f2", "o2");
  const auto list = [&](const std::string& filter) {
    std::vector<std::string> friends;
    std::string token;
    do {
      const auto page =
          Call(&Referrals::ListReferrals, absl::StrCat(filter, "page_size: 2, page_token: '", token, "'"));
      EXPECT_TRUE(page.ok()) << page;
      for (const auto& referral : page->referrals()) friends.push_back(referral.friend_id());
      token = page->next_page_token();
    } while (!token.empty());
    return friends;
  };
  EXPECT_THAT(list(""), ElementsAre("g1", "f5", "f4", "f3", "f2", "f1"));
  EXPECT_THAT(list("campaign_id: 'summer', "), ElementsAre("g1"));
  EXPECT_THAT(list("referrer_id: 'anna', states: ['REFERRAL_STATE_CLAIMED'], "),
              ElementsAre("f5", "f4", "f3", "f1"));
  EXPECT_THAT(list("campaign_id: 'spring', states: ['REFERRAL_STATE_REWARDED', 'REFERRAL_STATE_HELD'], "),
              ElementsAre("f2"));
  const auto token = Call(&Referrals::ListReferrals, "page_size: 2")->next_page_token();
  EXPECT_THAT(
      Call(&Referrals::ListReferrals, absl::StrCat("campaign_id: 'spring', page_token: '", token, "'")),
      Refused(StatusCode::INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"));
  EXPECT_EQ(Call(&Referrals::ListReferrals, "page_size: 100000")->referrals_size(), 6) << "capped, no error";
}

TEST_F(ReferralService, TheStatsSayWhatCountsAndWhatIsMissing) {
  AddCampaign(absl::StrCat("hold_days: 1, ", kThreeBrackets));
  AddCode("anna");
  const auto zeros = Call(&Referrals::GetReferrerStats, kAnna);
  ASSERT_TRUE(zeros.ok()) << zeros;
  EXPECT_THAT(zeros->stats(),
              IsMessage(Parse<v1::ReferrerStats>(
                  "campaign_id: 'spring', member_id: 'anna', bracket: 1, bracket_reward: {points: 100}, "
                  "referrals_to_next_bracket: 3, next_bracket_reward: {points: 200}, "
                  "referrals_to_next_milestone: 5, next_milestone_reward: {points: 1000}")));
  for (const char* name : {"f1", "f2", "f3"}) Claim(name);
  Report("f1", "o1");
  server_.clock().Advance(absl::Hours(24));
  server_.RunDue("shop");
  Report("f2", "o2");
  EXPECT_THAT(Call(&Referrals::GetReferrerStats, kAnna)->stats(),
              IsMessage(Parse<v1::ReferrerStats>(
                  "campaign_id: 'spring', member_id: 'anna', claimed_count: 3, qualified_count: 2, "
                  "rewarded_count: 1, awarded_points: 100, pending_points: 100, bracket: 1, bracket_reward: "
                  "{points: 100}, referrals_to_next_bracket: 1, next_bracket_reward: {points: 200}, "
                  "referrals_to_next_milestone: 4, next_milestone_reward: {points: 1000}")));
}

TEST_F(ReferralService, TheLeaderboardHasTheMostReferralsFirst) {
  AddCampaign();
  for (const char* name : {"anna", "bert", "carl"}) AddCode(name);
  int order = 0;
  for (const char* referrer : {"anna", "bert", "carl", "bert", "carl"}) {
    const std::string name = absl::StrCat("f", ++order);
    Claim(name, referrer);
    Report(name, absl::StrCat("o", order));
  }
  std::vector<std::string> board;
  std::string token;
  do {
    const auto page = Call(&Referrals::GetLeaderboard,
                           absl::StrCat("campaign_id: 'spring', page_size: 2, page_token: '", token, "'"));
    ASSERT_TRUE(page.ok()) << page;
    for (const auto& row : page->entries()) {
      board.push_back(
          absl::StrCat(row.place(), " ", row.member_id(), " ", row.referral_count(), " ", row.points()));
    }
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(board, ElementsAre("1 bert 2 200", "1 carl 2 200", "3 anna 1 100"));
  EXPECT_EQ(Call(&Referrals::GetLeaderboard, "campaign_id: 'spring', start_time: '2026-05-01T12:00:01Z'")
                ->entries_size(),
            0);
  EXPECT_THAT(Call(&Referrals::GetLeaderboard, "campaign_id: 'autumn'"),
              Refused(StatusCode::NOT_FOUND, "CAMPAIGN_NOT_FOUND"));
}

TEST_F(ReferralService, AnUnknownProgramOrCampaignIsNotFoundByAnyCall) {
  const std::string anna = kAnna, request = ", request_id: 'r'", nowhere = ", program_id: 'nowhere'";
  const std::string bert = "friend_id: 'bert'" + request;
  const auto expect = [](const auto& reply, const char* reason) {
    EXPECT_THAT(reply, Refused(StatusCode::NOT_FOUND, reason));
  };
  expect(Call(&Referrals::GetOrCreateCode, anna + nowhere), "PROGRAM_NOT_FOUND");
  expect(Call(&Referrals::CreateVanityCode, anna + request + ", code: 'anna'" + nowhere),
         "PROGRAM_NOT_FOUND");
  expect(Call(&Referrals::LookUpCode, "code: 'anna'" + nowhere), "PROGRAM_NOT_FOUND");
  expect(Call(&Referrals::ClaimReferral, bert + ", code: 'anna'" + nowhere), "PROGRAM_NOT_FOUND");
  expect(Call(&Referrals::RecordSignUp, bert + nowhere), "PROGRAM_NOT_FOUND");
  expect(Call(&Referrals::RecordQualifyingEvent,
              bert + ", order_id: 'o', purchase_time: '2026-05-01T12:00:00Z'" + nowhere),
         "PROGRAM_NOT_FOUND");
  expect(Call(&Referrals::GetReferral, "friend_id: 'bert'" + nowhere), "PROGRAM_NOT_FOUND");
  expect(Call(&Referrals::ListReferrals, "program_id: 'nowhere'"), "PROGRAM_NOT_FOUND");
  expect(Call(&Referrals::GetReferrerStats, anna + nowhere), "PROGRAM_NOT_FOUND");
  expect(Call(&Referrals::GetLeaderboard, "campaign_id: 'spring'" + nowhere), "PROGRAM_NOT_FOUND");
  expect(Call(&Referrals::GetOrCreateCode, anna), "CAMPAIGN_NOT_FOUND");
  expect(Call(&Referrals::CreateVanityCode, anna + request + ", code: 'anna'"), "CAMPAIGN_NOT_FOUND");
  expect(Call(&Referrals::GetReferrerStats, anna), "CAMPAIGN_NOT_FOUND");
}

TEST(ErrorReason, OfTheContractAndOfTheDomainAreTheSame) {
  std::set<std::string> contract;
  for (int i = 1; i < v1::ErrorReason_descriptor()->value_count(); ++i) {
    contract.insert(
        v1::ErrorReason_descriptor()->value(i)->name().substr(std::string("ERROR_REASON_").size()));
  }
  const auto header = std::filesystem::path(__FILE__).parent_path() / "../domain/reason.h";
  std::ifstream file(header);
  std::stringstream text;
  text << file.rdbuf();
  const std::string source = text.str();
  std::set<std::string> known = {"QUEUE_FULL", "CONFLICT", "DEADLINE_PASSED", "UNAVAILABLE",
                                 "INTERNAL"};  // of all services
  const std::regex name("\\[\\] = \"([A-Z_]+)\"");
  for (std::sregex_iterator it(source.begin(), source.end(), name), end; it != end; ++it)
    known.insert((*it)[1]);
  EXPECT_EQ(known, contract);
}

}  // namespace
}  // namespace loyalty::referral
