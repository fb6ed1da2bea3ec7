// How SimpleLedger redeems rewards, and how what was spent comes back.
#pragma once

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "services/points/domain/simple_members.h"

namespace loyalty::points {

class SimpleRewards : public SimpleMembers {
 protected:
  using SimpleMembers::SimpleMembers;

  // The lots that paid, less what was given back: what was used last comes back first. They are those of the
  // account on which the spending stands.
  std::vector<LotUse> PaidBy(const SimpleAccount::Place& place) const {
    const Entry& spending = EntryAt(place);
    std::vector<LotUse> uses = spending.lot_uses;
    if (spending.kind == EntryKind::kCapture) {
      uses = EntryAt({place.first, spending.corrected_sequence}).lot_uses;
      uses = SplitAtEnd(uses, spending.points).first;
    }
    return SplitAtEnd(uses, Corrected(place, EntryKind::kRestore)).first;
  }

  // Points of a spending come back to the account, and go again at once if its member has left for good.
  Entry Restore(SimpleAccount& account, const SimpleAccount::Place& place, int64_t points, Entry entry) {
    const int32_t days = program_.policies.spending.grace_days;
    const absl::Time grace = days == 0 ? absl::InfinitePast()
                                       : StartOfDay(LocalDay(now_, program_.zone) + days + 1, program_.zone);
    const std::vector<LotUse> uses = SplitAtEnd(PaidBy(place), points).second;
    entry.kind = EntryKind::kRestore;
    Name(account, place, entry);
    if (place.first == account.number) {
      account.ComeBack(uses, now_, grace, entry);
    } else {
      ComeOver(AccountAt(place), uses, grace, account, entry);
    }
    const Entry restored = account.Post(std::move(entry), now_);
    if (account.closed && program_.policies.closure == ClosurePolicy::kForfeit) {
      Entry forfeit = Also(restored, EntryKind::kForfeit);
      account.GiveUp(restored, forfeit);  // what it was let keep stays
      account.Post(std::move(forfeit), now_);
    }
    return restored;
  }

  std::string Do(const Case& scene, const RedeemReward& redeem, Entry& main) {
    SimpleAccount& account = scene.account;
    const auto offer = std::find_if(offers_.begin(), offers_.end(),
                                    [&](const Offer& one) { return one.reward.id == redeem.reward_id; });
    if (offer == offers_.end()) return "REWARD_NOT_FOUND";
    const Reward& reward = offer->reward;
    Entry entry = Draft(scene, EntryKind::kRedemption);
    const absl::CivilDay today = LocalDay(entry.occurred_time, program_.zone);
    const std::string refused = WhyNot(account, reward, redeem, today);
    if (!refused.empty()) return refused;
    if (const auto* voucher = std::get_if<Voucher>(&reward.kind)) {
      const std::vector<std::string> free = FreeCodes(*offer);
      if (!voucher->generated && free.empty()) return "NO_CODE_LEFT";
      entry.code = voucher->generated
                       ? voucher->prefix + redeem.random.substr(0, static_cast<size_t>(voucher->length))
                       : free.front();
      if (voucher->generated && HasCode(entry.code, /*cancelled=*/true)) return "CONFLICT";
    }
    const auto dear = reward.tier_prices.find(account.standing.tier_id);
    const int64_t price = dear == reward.tier_prices.end() ? reward.price_points : dear->second;
    if (price > account.Balance()) return "INSUFFICIENT_POINTS";
    const auto* donation = std::get_if<DonationReward>(&reward.kind);
    SimpleAccount* charity = donation == nullptr ? nullptr : Other(donation->charity_member_id);
    if (donation != nullptr && (charity == nullptr || charity == &account)) return "MEMBER_NOT_FOUND";
    if (charity != nullptr) Walk(*charity);
    entry.order_id = redeem.order_id;
    entry.reward_id = reward.id;
    account.Take(price, {}, entry);
    main = account.Post(std::move(entry), now_);
    state_.redeemed.push_back({{account.number, main.sequence},
                               account.id,
                               reward.id,
                               main.code,
                               today,
                               charity == nullptr ? RedemptionState::kPending : RedemptionState::kFulfilled});
    if (scene.command.validate_only) main.code.clear();
    if (charity == nullptr) return "";
    Entry given = Also(main, EntryKind::kDonation);
    given.reward_id = reward.id;
    given.counterpart = Counterpart{0, main.sequence};
    charity->Bring({.points = price, .earned_time = main.occurred_time}, now_, given);
    charity->Post(std::move(given), now_);
    Walk(*charity);
    return "";
  }

  std::string Do(const Case& scene, const FulfillRedemption&, Entry& main) {
    Redeemed* redeemed = nullptr;
    const std::string refused = FindPending(scene, redeemed);
    if (!refused.empty()) return refused;
    redeemed->state = RedemptionState::kFulfilled;
    Entry entry = EndOf(scene, *redeemed);
    entry.kind = EntryKind::kFulfillment;
    Name(scene.account, redeemed->place, entry);
    main = scene.account.Post(std::move(entry), now_);
    return "";
  }

  std::string Do(const Case& scene, const CancelRedemption&, Entry& main) {
    Redeemed* redeemed = nullptr;
    const std::string refused = FindPending(scene, redeemed);
    if (!refused.empty()) return refused;
    redeemed->state = RedemptionState::kCancelled;
    const int64_t price = -EntryAt(redeemed->place).points;
    main = Restore(scene.account, redeemed->place, price, EndOf(scene, *redeemed));
    return "";
  }

 private:
  // As new lots, with the times of those that had paid on another account.
  void ComeOver(const SimpleAccount& home, const std::vector<LotUse>& uses, absl::Time grace,
                SimpleAccount& account, Entry& entry) const {
    const int64_t sequence = static_cast<int64_t>(account.entries.size()) + 1;
    for (const LotUse& use : uses) {
      const auto part = static_cast<int32_t>(entry.lots.size());
      const absl::Time expire = use.expire_time <= now_ && now_ < grace ? grace : use.expire_time;
      account.origins[{sequence, part}] = home.OriginsOf(use.lot_sequence, use.part);
      account.piles.push_back({sequence, part, use.earned_time, expire, use.points});
      entry.lots.push_back(
          {use.points, use.earned_time, expire, absl::InfinitePast(), use.lot_sequence, use.part});
      entry.points += use.points;
    }
  }

  std::string WhyNot(const SimpleAccount& account, const Reward& reward, const RedeemReward& redeem,
                     absl::CivilDay today) const {
    if (now_ < reward.start || reward.end <= now_) return "REWARD_NOT_VALID";
    const auto& tiers = reward.tier_ids;
    if (!tiers.empty() && std::count(tiers.begin(), tiers.end(), account.standing.tier_id) == 0) {
      return "REWARD_TIER_MISSING";
    }
    const Tier* tier = FindTier(program_.policies.tiers, account.standing.tier_id);
    const bool labelled =
        reward.member_label.empty() ||
        (tier != nullptr && std::count(tier->labels.begin(), tier->labels.end(), reward.member_label) > 0) ||
        std::any_of(account.labels.begin(), account.labels.end(), [&](const MemberLabel& one) {
          return one.label == reward.member_label && one.from <= now_ && now_ < one.until;
        });
    if (!labelled) return "REWARD_LABEL_MISSING";
    if (redeem.order_total_minor < reward.minimum_order_minor) return "ORDER_TOO_SMALL";
    const int64_t before =
        std::count_if(state_.redeemed.begin(), state_.redeemed.end(), [&](const Redeemed& one) {
          return one.reward_id == reward.id && one.state != RedemptionState::kCancelled &&
                 Resolve(one.member_id) == account.id && SamePeriod(reward.limit.window, one.day, today);
        });
    if (reward.limit.most > 0 && before >= reward.limit.most) return "REWARD_LIMIT_REACHED";
    return reward.stock > 0 && PiecesGone(reward.id) >= reward.stock ? "OUT_OF_STOCK" : "";
  }
  static bool SamePeriod(LimitWindow window, absl::CivilDay a, absl::CivilDay b) {
    const auto monday = [](absl::CivilDay day) { return absl::PrevWeekday(day + 1, absl::Weekday::monday); };
    switch (window) {
      case LimitWindow::kDay:
        return a == b;
      case LimitWindow::kWeek:
        return monday(a) == monday(b);
      case LimitWindow::kMonth:
        return absl::CivilMonth(a) == absl::CivilMonth(b);
      case LimitWindow::kLifetime:
        return true;
    }
    return true;
  }

  std::string FindPending(const Case& scene, Redeemed*& redeemed) {
    for (Redeemed& one : state_.redeemed) {
      if (one.place == PlaceOf(*scene.original)) redeemed = &one;
    }
    if (redeemed == nullptr) return "REDEMPTION_NOT_FOUND";
    return redeemed->state == RedemptionState::kPending ? "" : "REDEMPTION_NOT_PENDING";
  }
  Entry EndOf(const Case& scene, const Redeemed& redeemed) const {
    Entry entry = Draft(scene, EntryKind::kRestore);
    entry.order_id = EntryAt(redeemed.place).order_id;
    entry.reward_id = redeemed.reward_id;
    entry.code = redeemed.code;
    return entry;
  }
};

}  // namespace loyalty::points
