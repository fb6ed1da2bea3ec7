// What the tests of referrals share: campaigns and codes in one line, and refusals to compare with.
#pragma once

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "common/testing/refused.h"
#include "services/referral/domain/referral.h"

namespace loyalty::referral {

inline const absl::Time kNoon = absl::FromCivil(absl::CivilSecond(2026, 5, 1, 12, 0, 0), absl::UTCTimeZone());

inline absl::Time Day(int days) { return kNoon + absl::Hours(24 * days); }

// The worked example of README.md: a friend's first purchase of 20.00 or more pays the friend 500 points, and
// the referrer 100 for each of the first three, 200 from the fourth, 400 from the tenth; 1,000 more at five.
inline Terms ThreeBrackets() {
  Terms terms;
  terms.display_name = "Bring a friend";
  terms.trigger = Trigger::kFirstPurchase;
  terms.minimum_amount_minor = 2000;
  terms.friend_points = 500;
  terms.brackets = {{1, 100}, {4, 200}, {10, 400}};
  terms.milestones = {{5, 1000}};
  return terms;
}

inline Campaign ActiveCampaign(Terms terms, std::string id = "spring") {
  Campaign campaign;
  campaign.id = std::move(id);
  campaign.state = CampaignState::kActive;
  campaign.terms = std::move(terms);
  campaign.create_time = campaign.update_time = kNoon;
  return campaign;
}

inline Code CodeOf(std::string member, std::string code = "abc2345", std::string campaign = "spring") {
  return {std::move(code), CodeKind::kGenerated, std::move(campaign), std::move(member), kNoon};
}

inline Context At(absl::Time now) { return {now, absl::UTCTimeZone(), "till"}; }

// Not cryptographic, but the same in each run.
class TestRandom {
 public:
  explicit TestRandom(uint64_t seed) : random_(seed) {}
  std::string operator()(size_t count) const {
    std::string bytes;
    for (size_t i = 0; i < count; ++i) bytes.push_back(static_cast<char>(random_() & 0xff));
    return bytes;
  }

 private:
  mutable std::mt19937_64 random_;
};

using testing::IsRefused;
using testing::ReasonOf;

// The points that each member has after awards and reversals, as the points service would keep them: an award
// is given once, a reversal says how much of it is gone.
class Ledger {
 public:
  void Take(const Decision& decision) {
    for (const Award& award : decision.awards) {
      EXPECT_GT(award.points, 0);
      const bool is_new = awards_.emplace(Key{award.cause, award.member_id, award.part}, award.points).second;
      EXPECT_TRUE(is_new) << "awarded twice: " << award.cause << " " << award.part;
    }
    for (const Reversal& reversal : decision.reversals) {
      const Key key{reversal.cause, reversal.member_id, reversal.part};
      EXPECT_EQ(awards_.count(key), 1u) << "reversed but never awarded: " << reversal.part;
      EXPECT_GT(reversal.points, 0);
      EXPECT_EQ(reversal.reversed_points, reversed_[key] + reversal.points);
      EXPECT_LE(reversal.reversed_points, awards_[key]);
      reversed_[key] = reversal.reversed_points;
    }
  }
  int64_t PointsOf(const std::string& member_id) const {
    int64_t points = 0;
    for (const auto& [key, awarded] : awards_) points += key.member_id == member_id ? awarded : 0;
    for (const auto& [key, taken] : reversed_) points -= key.member_id == member_id ? taken : 0;
    return points;
  }

 private:
  struct Key {
    std::string cause, member_id, part;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, int64_t> awards_;
  std::map<Key, int64_t> reversed_;
};

// One referrer's campaign in memory: what storage does, without a database.
class MemoryCampaign {
 public:
  explicit MemoryCampaign(Terms terms, std::string referrer = "anna")
      : campaign_(ActiveCampaign(std::move(terms))) {
    referrer_.campaign_id = campaign_.id;
    referrer_.member_id = std::move(referrer);
  }

  // The new referral's id.
  int64_t Claim(const std::string& friend_id, absl::Time now) {
    auto claim = referral::Claim(campaign_, CodeOf(referrer_.member_id), friend_id, false, At(now));
    EXPECT_TRUE(claim.ok()) << claim.status();
    claim->id = static_cast<int64_t>(cases_.size()) + 1;
    ++referrer_.claimed;
    cases_.emplace_back(campaign_.terms, *claim);
    return claim->id;
  }
  // Runs one of the domain's functions on a referral.
  template <class Decide>
  Decision Run(int64_t id, Decide decide) {
    auto& [terms, referral] = cases_[static_cast<size_t>(id - 1)];
    Case of{terms, referral, referrer_};
    const Decision decision = decide(of);
    EXPECT_EQ(of.referral.transition_count, referral.transition_count + std::ssize(decision.transitions));
    referral = of.referral;
    referrer_ = of.referrer;
    ledger_.Take(decision);
    return decision;
  }
  Decision Buy(int64_t id, int64_t amount_minor, absl::Time time, absl::Time now) {
    const Purchase purchase{absl::StrCat("order-", id), amount_minor, time};
    return Run(id, [&](Case& of) { return RecordPurchase(of, purchase, At(now)); });
  }
  Decision Buy(int64_t id, int64_t amount_minor, absl::Time now) { return Buy(id, amount_minor, now, now); }
  Decision Return(int64_t id, int64_t returned, int64_t total, absl::Time now) {
    const ReturnedOrder order{absl::StrCat("order-", id), returned, total};
    return Run(id, [&](Case& of) { return RecordReturn(of, order, At(now)); });
  }
  Decision SignUp(int64_t id, absl::Time time, absl::Time now) {
    return Run(id, [&](Case& of) { return RecordSignUp(of, time, At(now)); });
  }
  Decision CatchUp(int64_t id, absl::Time now) {
    return Run(id, [&](Case& of) { return referral::CatchUp(of, At(now)); });
  }

  Campaign& campaign() { return campaign_; }
  const Referral& referral(int64_t id) const { return cases_[static_cast<size_t>(id - 1)].second; }
  const Referrer& referrer() const { return referrer_; }
  int64_t PointsOf(const std::string& member_id) const { return ledger_.PointsOf(member_id); }

 private:
  Campaign campaign_;
  Referrer referrer_;
  std::vector<std::pair<Terms, Referral>> cases_;
  Ledger ledger_;
};

}  // namespace loyalty::referral
