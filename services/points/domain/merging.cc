// Two members are one person: everything goes from one account to the other, and keeps what it was.
#include "services/points/domain/merging.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <tuple>
#include <utility>

#include "common/status/status.h"
#include "services/points/domain/decisions.h"
#include "services/points/domain/expiry_changes.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

void AddConsents(const std::vector<Consent>& from, std::vector<Consent>& into) {
  const auto before = [](const Consent& a, const Consent& b) {
    return std::tie(a.channel, a.purpose) < std::tie(b.channel, b.purpose);
  };
  for (const Consent& consent : from) {
    const auto place = std::lower_bound(into.begin(), into.end(), consent, before);
    if (place != into.end() && !before(consent, *place)) {
      if (place->update_time < consent.update_time) *place = consent;
    } else if (into.size() < kMaxConsents) {
      into.insert(place, consent);
    }
  }
}

absl::Status SameMember(const std::string& member_id) {
  return Refuse(absl::StatusCode::kFailedPrecondition, reason::kSameMember,
                absl::StrCat("The id ", member_id, " stands for the member into whom it should be merged."),
                {{"member_id", member_id}});
}

// The labels that the one lacks, or carries for a shorter time. TOO_MANY_LABELS, if they were too many
// together.
absl::StatusOr<MemberLabels> MissingLabels(const MemberLabels& from, MemberLabels into) {
  MemberLabels missing;
  for (const MemberLabel& label : from) {
    const auto same = std::find_if(into.begin(), into.end(), [&](const MemberLabel& one) {
      return one.label == label.label && one.from == label.from;
    });
    if (same != into.end() && same->until >= label.until) continue;
    LOYALTY_RETURN_IF_ERROR(SetLabel(into, label));
    missing.push_back(label);
  }
  return missing;
}

class Merger {
 public:
  Merger(const Case& scene, Account& from)
      : scene_(scene), book_(scene.book), from_(from), into_(scene.account) {}

  Entry Run(const MemberLabels& missing_labels, Profile profile) {
    into_.active_time = std::max(into_.active_time, from_.active_time);
    // By a clock that is behind, the one may not have been through a change that the other knows.
    while (StateOf(std::as_const(from_)).expiry_changes < StateOf(std::as_const(into_)).expiry_changes) {
      ChangeExpiry(book_, from_);
    }
    const Entry main = MovePoints();
    for (Hold& hold : from_.holds) {
      if (hold.points > 0) MoveHold(hold, main);
    }
    into_.purchases += std::exchange(from_.purchases, 0);
    AddLabels(missing_labels, main);
    AddState(main);
    into_.profile = std::make_shared<const Profile>(std::move(profile));
    from_.profile = nullptr;
    from_.merged_into = into_.id;
    from_.member_changed = into_.member_changed = true;
    from_.next_due_time = from_.unloaded_due_time = absl::InfiniteFuture();
    return main;
  }

 private:
  Entry OutDraft(const Entry& in) const {
    Entry out = FurtherDraftOf(in);
    out.kind = EntryKind::kMergeOut;
    out.reason = in.reason;
    out.counterpart = Counterpart{into_.id, into_.last_sequence};
    return out;
  }

  // A lot of the one becomes one of the other, with its times. Nothing is repaid of it.
  void MoveLot(const LotUse& use, absl::Time mature, Entry& in) {
    const auto part = static_cast<int32_t>(in.lots.size());
    const int64_t sequence = into_.last_sequence + 1;
    const NewLot lot{use.points, use.earned_time, use.expire_time, mature, use.lot_sequence, use.part};
    in.lots.push_back(lot);
    if (mature > book_.now()) {
      into_.pending_lots.push_back({sequence, part, lot.earned_time, lot.expire_time, mature, lot.points, 0});
      into_.DueBy(mature);
      in.pending += lot.points;
    } else {
      into_.lots.Add(sequence, part, lot);
      into_.DueBy(lot.expire_time);
      in.points += lot.points;
    }
  }

  // All points but those that are held, and what is owed.
  Entry MovePoints() {
    Entry in = DraftOf(scene_.command, into_, book_.now()), taken;
    in.kind = EntryKind::kMergeIn;
    in.counterpart = Counterpart{from_.id, from_.last_sequence + 1};
    book_.Take(from_, from_.balance, 0, taken);
    for (const LotUse& use : taken.lot_uses) MoveLot(use, absl::InfinitePast(), in);
    for (PendingLot& lot : from_.pending_lots) {
      if (lot.points == 0) continue;
      const LotUse use{lot.sequence, lot.points, lot.earned_time, lot.expire_time, lot.part};
      MoveLot(use, lot.mature_time, in);
      taken.lot_uses.push_back(use);
      taken.pending -= lot.points;
      lot.points = 0;
    }
    in.debt = from_.debt;
    const Entry main = book_.Post(into_, std::move(in));
    Entry out = OutDraft(main);
    out.points = taken.points;
    out.pending = taken.pending;
    out.lot_uses = std::move(taken.lot_uses);
    out.debt = -from_.debt;
    book_.Post(from_, std::move(out));
    return main;
  }

  // A hold goes on, with an entry of its own: its points come in, and are set aside at once.
  void MoveHold(Hold& hold, const Entry& main) {
    Entry in = FurtherDraftOf(main);
    in.kind = EntryKind::kMergeIn;
    in.reason = main.reason;
    in.counterpart = Counterpart{from_.id, hold.sequence};
    in.hold_until = hold.until;
    const absl::Time next_due = into_.next_due_time;
    for (const LotUse& use : hold.uses) MoveLot(use, absl::InfinitePast(), in);
    into_.next_due_time = std::min(next_due, hold.until);  // what is held does not lapse
    for (size_t i = 0; i < in.lots.size(); ++i) {
      const NewLot& lot = in.lots[i];
      in.lot_uses.push_back(
          {into_.last_sequence + 1, lot.points, lot.earned_time, lot.expire_time, static_cast<int32_t>(i)});
    }
    into_.lots.Use(in.lot_uses);
    in.held = std::exchange(in.points, 0);
    const Entry moved = book_.Post(into_, std::move(in));
    into_.holds.push_back({moved.sequence, hold.until, hold.points, moved.lot_uses, false});
    Entry out = OutDraft(moved);
    out.corrected_sequence = hold.sequence;
    out.held = -std::exchange(hold.points, 0);
    book_.Post(from_, std::move(out));
  }

  void AddLabels(const MemberLabels& missing, const Entry& main) {
    if (missing.empty()) return;
    MemberLabels labels = LabelsOf(into_);
    for (const MemberLabel& label : missing) {
      (void)SetLabel(labels, label);  // there is room: MissingLabels asked
      Entry draft = FurtherDraftOf(main);
      draft.kind = EntryKind::kLabel;
      draft.label = label;
      book_.Post(into_, std::move(draft));
    }
    into_.labels = std::make_shared<const MemberLabels>(std::move(labels));
    into_.labels_changed = true;
  }

  void AddState(const Entry& main) {
    if (!from_.state) return;
    const MemberState theirs = *from_.state;
    StateOf(from_) = {};
    MemberState& state = StateOf(into_);
    for (const RuleUse& use : theirs.uses.all()) {
      state.uses.Add(use.rule_id, use.window, use.start, use.points);
    }
    // Once a year, whoever of the two it was.
    Celebrated& celebrated = state.celebrated;
    const auto last = [](int32_t a, int32_t b) {
      const int32_t year = std::max(std::abs(a), std::abs(b));
      return a > 0 || b > 0 ? year : -year;
    };
    celebrated.birthday_year = last(celebrated.birthday_year, theirs.celebrated.birthday_year);
    celebrated.anniversary_year = last(celebrated.anniversary_year, theirs.celebrated.anniversary_year);
    into_.DueBy(book_.now());
    const std::string before = state.standing.tier_id;
    MergeStandings(book_.SceneOf(from_), theirs.standing, book_.SceneOf(into_), book_.now(), state.standing);
    into_.DueBy(NextTierTime(book_.SceneOf(into_), state.standing));
    Entry draft = FurtherDraftOf(main);
    draft.kind = EntryKind::kTier;
    PostTierChange(book_, into_, before, std::move(draft));
  }

  const Case& scene_;
  Book& book_;
  Account& from_;
  Account& into_;
};

}  // namespace

Profile MergedProfile(const Profile& from, Profile into,
                      absl::FunctionRef<bool(const std::string& member_id)> is_one_of_them) {
  if (into.birthday == Birthday()) into.birthday = from.birthday;
  if (into.segment.empty()) into.segment = from.segment;
  if (is_one_of_them(into.referrer_member_id)) into.referrer_member_id.clear();
  if (into.referrer_member_id.empty() && !is_one_of_them(from.referrer_member_id)) {
    into.referrer_member_id = from.referrer_member_id;
  }
  for (const auto& [name, value] : from.attributes) {
    if (into.attributes.size() < kMaxAttributes) into.attributes.emplace(name, value);
  }
  AddConsents(from.consents, into.consents);
  return into;
}

absl::StatusOr<Entry> Decide(const Case& scene, const MergeMembers& merge) {
  Account* from = scene.of(merge.from_member_id);
  if (from == nullptr) {
    const std::string& program_id = scene.book.program().id;
    return Refuse(absl::StatusCode::kNotFound, reason::kMemberNotFound,
                  absl::StrCat("The program ", program_id, " has no member ", merge.from_member_id, "."),
                  {{"program_id", program_id}, {"member_id", merge.from_member_id}});
  }
  if (from == &scene.account) return SameMember(merge.from_member_id);
  // What the one has fits an int64 together.
  LOYALTY_RETURN_IF_ERROR(CheckRoom(scene.account, from->balance + from->pending + from->held));
  LOYALTY_RETURN_IF_ERROR(CheckDebt(scene.account, from->debt));
  const absl::StatusOr<MemberLabels> missing = MissingLabels(LabelsOf(*from), LabelsOf(scene.account));
  LOYALTY_RETURN_IF_ERROR(missing.status());
  const auto is_one_of_them = [&](const std::string& member_id) {
    const Account* account = scene.owner_of(member_id);
    return account == from || account == &scene.account;
  };
  Profile profile = MergedProfile(ProfileOf(*from), ProfileOf(scene.account), is_one_of_them);
  return Merger(scene, *from).Run(*missing, std::move(profile));
}

}  // namespace loyalty::points
