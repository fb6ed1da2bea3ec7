// Random campaigns and random histories of one referrer's friends, against a simple model: the points that
// stand must be the same for every member.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/referral/domain/simple_campaign.h"
#include "services/referral/domain/test_kit.h"

namespace loyalty::referral {
namespace {

// Applies a step to both. A friend who is not claimed is claimed first.
void Apply(const Step& step, absl::Time now, MemoryCampaign& campaign, SimpleCampaign& model,
           std::map<int, int64_t>& ids) {
  const int f = step.friend_number;
  if (!model.claimed(f)) {
    ids[f] = campaign.Claim(absl::StrCat("friend-", f), now);
    model.Claim(f, now);
  }
  switch (step.kind) {
    case 1:
    case 2:
    case 5:
    case 6:
      campaign.Buy(ids[f], step.amount, TimeOf(step, now), now);
      model.Buy(f, step.amount, TimeOf(step, now), now);
      break;
    case 3:
      campaign.Return(ids[f], step.amount, 30, now);
      model.Return(f, step.amount, 30, now);
      break;
    case 4:
      campaign.CatchUp(ids[f], now);
      model.CatchUp(f, now);
      break;
    default:
      break;
  }
}

void HistoriesAgree() {
  const Terms terms = AnyTerms();
  Violations violations;
  ValidateTerms(terms, "", violations);
  RC_ASSERT(violations.empty());
  const auto steps = *rc::gen::resize(300, rc::gen::container<std::vector<Step>>(AnyStep()));
  MemoryCampaign campaign(terms);
  SimpleCampaign model(terms);
  std::map<int, int64_t> ids;
  absl::Time now = kNoon;
  for (const Step& step : steps) {
    now += absl::Hours(step.hours);
    Apply(step, now, campaign, model, ids);
    RC_ASSERT(campaign.PointsOf("anna") == model.PointsOfReferrer());
    RC_ASSERT(campaign.referrer().awarded_points == model.PointsOfReferrer());
    RC_ASSERT(campaign.referrer().rewarded == model.Rewarded());
    for (const auto& [f, id] : ids) {
      RC_ASSERT(campaign.PointsOf(absl::StrCat("friend-", f)) == model.PointsOfFriend(f));
      RC_ASSERT(campaign.referral(id).ordinal == model.of(f).ordinal);
    }
  }
  RC_CLASSIFY(campaign.referrer().qualified >= 4, "4 or more qualified");
  RC_CLASSIFY(!campaign.referrer().milestones.empty(), "a milestone stands");
}

RC_GTEST_PROP(Referrals, StandAsTheSimpleModelSays, ()) { HistoriesAgree(); }

}  // namespace
}  // namespace loyalty::referral
