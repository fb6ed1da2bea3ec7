// Random campaigns and random histories of one referrer's friends, by calls and by points' events, with
// points away and its answers lost for a part of each: the points that have arrived there in the end are the
// simple model's, for every member.
#include "services/referral/domain/simple_campaign.h"
#include "services/referral/service/convert.h"
#include "services/referral/service/test_client.h"

namespace loyalty::referral {
namespace {

constexpr int kHistories = 8;
constexpr int kSteps = 60;
constexpr int kAwayFrom = 15, kLostFrom = 35, kBackFrom = 45;  // steps

// One campaign of one referrer, as the model has it.
struct History {
  struct Order {
    std::string id;
    int64_t total = 0, returned = 0;
  };

  std::string NameOf(int f) const { return absl::StrCat("friend-", f, "-of-", referrer); }

  std::string campaign, referrer;
  SimpleCampaign model;
  std::map<int, Order> orders = {};  // of each friend: the one that qualified, or the last
};

class RandomHistories : public ServerTest {
 protected:
  void SetUp() override { server_.database().AddProgram("shop", "UTC", "EUR"); }

  void Create(const History& history, const Terms& terms) {
    v1::CreateCampaignRequest create;
    create.set_program_id("shop");
    create.set_request_id(absl::StrCat("create ", history.campaign));
    create.mutable_campaign()->set_campaign_id(history.campaign);
    *create.mutable_campaign()->mutable_terms() =
        ToProto(Campaign{.id = history.campaign, .terms = terms}, "shop", server_.clock().Now()).terms();
    ASSERT_TRUE(client_.Send(&Campaigns::CreateCampaign, create).ok());
    Made(&Campaigns::ActivateCampaign, absl::StrCat("campaign_id: '", history.campaign,
                                                    "', request_id: 'activate ", history.campaign, "'"));
    AddCode(history.referrer, history.campaign);
  }

  void SetPoints(int step) {
    const bool away = step >= kAwayFrom && step < kLostFrom;
    points_.AnswerWith([away](const std::string&) {
      return away ? grpc::Status(StatusCode::UNAVAILABLE, "away") : grpc::Status::OK;
    });
    points_.LoseAnswers(step >= kLostFrom && step < kBackFrom);
  }

  // Does what is due and what has come in. Points may be away.
  void RunWhatCanBeRun() {
    admin::v1::RunDueRequest request;
    admin::v1::RunDueResponse response;
    request.set_program_id("shop");
    grpc::ClientContext context;
    const auto status =
        admin::v1::DueService::NewStub(server_.channel())->RunDue(&context, request, &response);
    EXPECT_TRUE(status.ok() || status.error_code() == StatusCode::UNAVAILABLE) << status.error_message();
  }

  // The model first, then the service. A friend who is not claimed is claimed first.
  void Play(History& history, int number, const Step& step) {
    const int f = step.friend_number;
    const std::string name = history.NameOf(f);
    server_.clock().Advance(absl::Hours(step.hours));
    const absl::Time now = server_.clock().Now();
    history.model.CatchUp(now);
    RunWhatCanBeRun();
    if (!history.model.claimed(f)) {
      history.model.Claim(f, now);
      EXPECT_TRUE(Claim(name, history.referrer).ok());
    }
    if (step.kind == 3) {
      GiveBackSome(history, number, step);
    } else if (step.kind != 0 && step.kind != 4) {
      BuyOne(history, number, step);
    }
    RunWhatCanBeRun();
  }

  void BuyOne(History& history, int number, const Step& step) {
    const int f = step.friend_number;
    const std::string name = history.NameOf(f), order = absl::StrCat("order-", number, "-of-", name);
    const absl::Time now = server_.clock().Now(), time = TimeOf(step, now);
    if (!history.model.of(f).qualified) history.orders[f] = {order, step.amount, 0};
    history.model.Buy(f, step.amount, time, now);
    if (step.kind != 2) return Buy(name, order, step.amount, time);
    Made(&Referrals::RecordQualifyingEvent,
         absl::StrCat("friend_id: '", name, "', order_id: '", order, "', amount_minor: ", step.amount,
                      ", purchase_time: '", absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone()),
                      "', request_id: '", order, "'"));
  }

  void GiveBackSome(History& history, int number, const Step& step) {
    const int f = step.friend_number;
    auto& [order, total, returned] = history.orders[f];
    const int64_t amount = std::min<int64_t>(step.amount, total - returned);
    if (amount == 0) return;
    returned += amount;
    if (history.model.of(f).qualified) history.model.Return(f, returned, total, server_.clock().Now());
    GiveBack(history.NameOf(f), order, absl::StrCat("return-", number, "-of-", order), amount);
  }
};

TEST_F(RandomHistories, ArriveAtPointsAsTheSimpleModelSays) {
  int64_t arrived = 0;
  for (int seed = 1; seed <= kHistories; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    const rc::Random random(static_cast<uint64_t>(seed));
    const Terms terms = rc::gen::exec(AnyTerms)(random, 50).value();
    const auto steps = rc::gen::container<std::vector<Step>>(kSteps, AnyStep())(random, 50).value();
    History history{absl::StrCat("c", seed), absl::StrCat("anna-", seed), SimpleCampaign(terms)};
    Create(history, terms);
    for (int i = 0; i < kSteps; ++i) {
      SetPoints(i);
      Play(history, i, steps[static_cast<size_t>(i)]);
      const auto stats =
          Made(&Referrals::GetReferrerStats,
               absl::StrCat("campaign_id: '", history.campaign, "', member_id: '", history.referrer, "'"))
              .stats();
      ASSERT_EQ(stats.awarded_points(), history.model.PointsOfReferrer()) << "step " << i;
      ASSERT_EQ(stats.rewarded_count(), history.model.Rewarded()) << "step " << i;
    }
    server_.RunDue("shop");
    EXPECT_EQ(PointsOf(history.referrer), history.model.PointsOfReferrer());
    for (int f = 0; f < kFriends; ++f) {
      EXPECT_EQ(PointsOf(history.NameOf(f)), history.model.PointsOfFriend(f)) << f;
    }
    arrived += PointsOf(history.referrer);
  }
  EXPECT_GT(arrived, 0);
  EXPECT_GT(points_.reversals().size(), 0u);
  EXPECT_GT(points_.calls(), std::ssize(points_.awards()) + std::ssize(points_.reversals())) << "it was away";
  EXPECT_EQ(Count("set_aside"), "0");
}

}  // namespace
}  // namespace loyalty::referral
