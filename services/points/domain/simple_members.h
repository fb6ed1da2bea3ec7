// What SimpleLedger knows of members: labels, tiers by hand, profiles, who has left, and who is one person.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "services/points/domain/merging.h"
#include "services/points/domain/simple_books.h"

namespace loyalty::points {

class SimpleMembers : public SimpleBooks {
 protected:
  using SimpleBooks::SimpleBooks;

  // Somebody else who is a member, and has not left.
  SimpleAccount* Other(const std::string& id) {
    const auto found = state_.accounts.find(Resolve(id));
    const bool none = found == state_.accounts.end() || found->second.entries.empty() || found->second.closed;
    return none ? nullptr : &found->second;
  }
  bool NamesOneWhoLeft(const Command& command) const {
    const auto* transfer = std::get_if<TransferPoints>(&command.action);
    const auto* merge = std::get_if<MergeMembers>(&command.action);
    if (transfer == nullptr && merge == nullptr) return false;
    const auto found =
        state_.accounts.find(Resolve(transfer != nullptr ? transfer->to_member_id : merge->from_member_id));
    return found != state_.accounts.end() && found->second.closed;
  }

  std::string Do(const Case& scene, const SetMemberLabel& set, Entry& main) const {
    auto& labels = scene.account.labels;
    std::erase_if(labels, [&](const MemberLabel& label) {
      return label.label == set.label.label && label.from == set.label.from;
    });
    labels.push_back(set.label);
    Entry entry = Draft(scene, EntryKind::kLabel);
    entry.label = set.label;
    main = scene.account.Post(std::move(entry), now_);
    return "";
  }

  std::string Do(const Case& scene, const SetTier& set, Entry& main) const {
    if (set.override_ && !set.override_->tier_id.empty() &&
        FindTier(program_.policies.tiers, set.override_->tier_id) == nullptr) {
      return "TIER_NOT_FOUND";
    }
    if (set.override_ && set.override_->until <= now_) return "TIME_ORDER";
    Entry entry = Draft(scene, EntryKind::kTier);
    entry.tier = TierChange{scene.account.standing.tier_id, "",
                            set.override_ ? set.override_->until : absl::InfinitePast()};
    OverrideTier(SimpleClerk(program_, now_).SceneOf(scene.account), set.override_, now_,
                 scene.account.standing);
    entry.tier->to_tier_id = scene.account.standing.tier_id;
    main = scene.account.Post(std::move(entry), now_);
    return "";
  }

  std::string Do(const Case& scene, const UpdateProfile& update, Entry& main) const {
    Profile& profile = scene.account.profile;
    if (update.birthday) profile.birthday = update.profile.birthday;
    if (update.segment) profile.segment = update.profile.segment;
    if (update.referrer) profile.referrer_member_id = update.profile.referrer_member_id;
    if (update.attributes) profile.attributes = update.profile.attributes;
    if (update.birthday) SimpleClerk(program_, now_).Tell(scene.account);
    main = scene.account.Post(Draft(scene, EntryKind::kProfile), now_);
    return "";
  }

  std::string Do(const Case& scene, const SetConsent& set, Entry& main) const {
    PutConsent({set.channel, set.purpose, set.granted, now_}, scene.account.profile);
    main = scene.account.Post(Draft(scene, EntryKind::kProfile), now_);
    return "";
  }

  // All points are given up, or stay until they lapse. What is owed stays owed.
  std::string Do(const Case& scene, const CloseMember&, Entry& main) const {
    SimpleAccount& account = scene.account;
    Entry entry = Draft(scene, EntryKind::kForfeit);
    if (program_.policies.closure == ClosurePolicy::kForfeit) {
      entry.pending = -account.Pending();
      entry.held = -account.Held();
      account.Take(account.Balance(), {}, entry);
      for (const auto& [pile, mature] : account.waiting) entry.lot_uses.push_back(UseOf(pile));
      account.waiting.clear();
      account.asides.clear();
    }
    account.closed = true;
    main = account.Post(std::move(entry), now_);
    return "";
  }

  // Everything goes from one account to the other, and stays what it was. The held points keep an entry of
  // their own, by which they are captured.
  std::string Do(const Case& scene, const MergeMembers& merge, Entry& main) {
    SimpleAccount* other = Other(merge.from_member_id);
    if (other == nullptr) return "MEMBER_NOT_FOUND";
    if (other == &scene.account) return "SAME_MEMBER";
    SimpleAccount &from = *other, &into = scene.account;
    Walk(from);
    // By a clock that is behind, the one may not have been through a change that the other knows.
    while (from.expiry_changes < into.expiry_changes) SimpleClerk(program_, now_).ChangeExpiry(from);
    into.active_before = std::max(into.active_before, from.LastActive());
    into.purchases_before += from.Purchases();
    main = MovePoints(scene, from);
    for (const SimpleAccount::Aside& aside : from.asides) MoveHold(aside, main, from, into);
    from.asides.clear();
    for (const RuleUse& use : from.uses.all()) into.uses.Add(use.rule_id, use.window, use.start, use.points);
    into.sent.insert(into.sent.end(), from.sent.begin(), from.sent.end());
    into.birthday_years.insert(from.birthday_years.begin(), from.birthday_years.end());
    into.anniversary_years.insert(from.anniversary_years.begin(), from.anniversary_years.end());
    from.merged_into = into.id;
    AddLabels(from.labels, main, into);
    AddTier(from, main, into);
    AddProfile(from, into);
    return "";
  }

 private:
  static LotUse UseOf(const SimpleAccount::Pile& pile) {
    return {pile.sequence, pile.points, pile.earned, pile.expire, pile.part};
  }
  static void PutConsent(const Consent& consent, Profile& profile) {
    std::erase_if(profile.consents, [&](const Consent& one) {
      return one.channel == consent.channel && one.purpose == consent.purpose;
    });
    profile.consents.push_back(consent);
    std::sort(profile.consents.begin(), profile.consents.end(), [](const Consent& a, const Consent& b) {
      return std::tie(a.channel, a.purpose) < std::tie(b.channel, b.purpose);
    });
  }

  // A lot of the one becomes a lot of the other's next entry.
  static SimpleAccount::Pile MoveLot(const SimpleAccount& from, const LotUse& use, absl::Time mature,
                                     SimpleAccount& into, Entry& in) {
    const auto part = static_cast<int32_t>(in.lots.size());
    const int64_t sequence = static_cast<int64_t>(into.entries.size()) + 1;
    in.lots.push_back({use.points, use.earned_time, use.expire_time, mature, use.lot_sequence, use.part});
    into.origins[{sequence, part}] = from.OriginsOf(use.lot_sequence, use.part);
    return {sequence, part, use.earned_time, use.expire_time, use.points};
  }
  static Entry LeavingOf(const Entry& in) {
    Entry out = Also(in, EntryKind::kMergeOut);
    out.reason = in.reason;
    out.counterpart = Counterpart{0, in.sequence};
    return out;
  }

  Entry MovePoints(const Case& scene, SimpleAccount& from) const {
    SimpleAccount& into = scene.account;
    Entry in = Draft(scene, EntryKind::kMergeIn), taken;
    in.counterpart = Counterpart{0, static_cast<int64_t>(from.entries.size()) + 1};
    in.points = from.Balance();
    in.pending = from.Pending();
    in.debt = from.debt;
    from.Take(from.Balance(), {}, taken);
    for (const LotUse& use : taken.lot_uses)
      into.piles.push_back(MoveLot(from, use, absl::InfinitePast(), into, in));
    for (const auto& [pile, mature] : from.waiting) {
      into.waiting.push_back({MoveLot(from, UseOf(pile), mature, into, in), mature});
      taken.lot_uses.push_back(UseOf(pile));
    }
    from.waiting.clear();
    into.debt += std::exchange(from.debt, 0);
    const Entry main = into.Post(std::move(in), now_);
    Entry out = LeavingOf(main);
    out.points = -main.points;
    out.pending = -main.pending;
    out.debt = -main.debt;
    out.lot_uses = taken.lot_uses;
    from.Post(std::move(out), now_);
    return main;
  }

  void MoveHold(const SimpleAccount::Aside& aside, const Entry& main, SimpleAccount& from,
                SimpleAccount& into) const {
    Entry in = Also(main, EntryKind::kMergeIn);
    in.reason = main.reason;
    in.counterpart = Counterpart{0, aside.sequence};
    in.hold_until = aside.until;
    in.held = SimpleAccount::Sum(aside.uses);
    for (const LotUse& use : aside.uses) {
      in.lot_uses.push_back(UseOf(MoveLot(from, use, absl::InfinitePast(), into, in)));
    }
    const Entry moved = into.Post(std::move(in), now_);
    SimpleAccount::Aside going_on{moved.sequence, aside.until, moved.lot_uses, aside.was};
    going_on.was.emplace(into.number, moved.sequence);
    into.asides.push_back(std::move(going_on));
    Entry out = LeavingOf(moved);
    out.corrected_sequence = aside.sequence;
    out.held = -moved.held;
    from.Post(std::move(out), now_);
  }

  // Those that the one lacks, or carries for a shorter time; by name and beginning.
  void AddLabels(MemberLabels labels, const Entry& main, SimpleAccount& into) const {
    std::sort(labels.begin(), labels.end(), [](const MemberLabel& a, const MemberLabel& b) {
      return std::tie(a.label, a.from) < std::tie(b.label, b.from);
    });
    for (const MemberLabel& label : labels) {
      const auto same = [&](const MemberLabel& one) {
        return one.label == label.label && one.from == label.from;
      };
      const bool has = std::any_of(into.labels.begin(), into.labels.end(), [&](const MemberLabel& one) {
        return same(one) && one.until >= label.until;
      });
      if (has) continue;
      std::erase_if(into.labels, same);
      into.labels.push_back(label);
      Entry entry = Also(main, EntryKind::kLabel);
      entry.label = label;
      into.Post(std::move(entry), now_);
    }
  }

  void AddTier(SimpleAccount& from, const Entry& main, SimpleAccount& into) const {
    const SimpleClerk clerk(program_, now_);
    const std::string before = into.standing.tier_id;
    MergeStandings(clerk.SceneOf(from), std::exchange(from.standing, {}), clerk.SceneOf(into), now_,
                   into.standing);
    if (into.standing.tier_id == before) return;
    Entry entry = Also(main, EntryKind::kTier);
    entry.tier = TierChange{before, into.standing.tier_id};
    into.Post(std::move(entry), now_);
  }

  // What is not known of the one is taken from the other; of a consent of both, the newer one.
  // Who was brought by one of the two was brought by nobody.
  void AddProfile(SimpleAccount& from, SimpleAccount& into) const {
    const Profile theirs = std::exchange(from.profile, {});
    Profile& ours = into.profile;
    if (ours.birthday.month == 0) ours.birthday = theirs.birthday;
    if (ours.segment.empty()) ours.segment = theirs.segment;
    std::string brought_by;
    for (const std::string& id : {ours.referrer_member_id, theirs.referrer_member_id}) {
      if (brought_by.empty() && Resolve(id) != into.id) brought_by = id;
    }
    ours.referrer_member_id = brought_by;
    for (const auto& [name, value] : theirs.attributes) ours.attributes.emplace(name, value);
    for (const Consent& consent : theirs.consents) {
      const bool newer = std::any_of(ours.consents.begin(), ours.consents.end(), [&](const Consent& one) {
        return one.channel == consent.channel && one.purpose == consent.purpose &&
               one.update_time >= consent.update_time;
      });
      if (!newer) PutConsent(consent, ours);
    }
  }
};

}  // namespace loyalty::points
