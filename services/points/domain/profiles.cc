// Decisions about who a member is: the profile, whom may be contacted, and that the member leaves.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <memory>
#include <tuple>

#include "common/status/status.h"
#include "services/points/domain/celebrations.h"
#include "services/points/domain/decisions.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

// The entry says only that something changed: the ledger holds nothing about a person.
Entry PostProfile(const Case& scene, Profile profile) {
  scene.account.profile = std::make_shared<const Profile>(std::move(profile));
  scene.account.member_changed = true;
  Entry draft = DraftOf(scene.command, scene.account, scene.book.now());
  draft.kind = EntryKind::kProfile;
  return scene.book.Post(scene.account, std::move(draft));
}

// All points go, those too that are pending or held. What is owed stays owed.
void GiveUpAll(Book& book, Account& account, Entry& draft) {
  book.Take(account, account.balance, 0, draft);
  for (PendingLot& lot : account.pending_lots) {
    if (lot.points == 0) continue;
    draft.pending -= lot.points;
    draft.lot_uses.push_back({lot.sequence, lot.points, lot.earned_time, lot.expire_time, lot.part});
    lot.points = 0;
  }
  for (Hold& hold : account.holds) {
    draft.held -= hold.points;
    hold.points = 0;
  }
}

}  // namespace

absl::StatusOr<Entry> Decide(const Case& scene, const UpdateProfile& update) {
  Profile profile = ProfileOf(scene.account);
  if (update.birthday) profile.birthday = update.profile.birthday;
  if (update.segment) profile.segment = update.profile.segment;
  if (update.referrer) profile.referrer_member_id = update.profile.referrer_member_id;
  if (update.attributes) profile.attributes = update.profile.attributes;
  const Entry main = PostProfile(scene, std::move(profile));
  if (update.birthday) ChangeBirthday(scene.book, scene.account);
  return main;
}

absl::StatusOr<Entry> Decide(const Case& scene, const SetConsent& set) {
  Profile profile = ProfileOf(scene.account);
  const Consent consent{set.channel, set.purpose, set.granted, scene.book.now()};
  const auto before = [](const Consent& a, const Consent& b) {
    return std::tie(a.channel, a.purpose) < std::tie(b.channel, b.purpose);
  };
  const auto place = std::lower_bound(profile.consents.begin(), profile.consents.end(), consent, before);
  if (place != profile.consents.end() && !before(consent, *place)) {
    *place = consent;
  } else if (profile.consents.size() < kMaxConsents) {
    profile.consents.insert(place, consent);
  } else {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kTooManyConsents,
                  absl::StrCat("The member has ", kMaxConsents,
                               " consents already. Change one of them in place of a new one."),
                  {{"limit", absl::StrCat(kMaxConsents)}});
  }
  return PostProfile(scene, std::move(profile));
}

absl::StatusOr<Entry> Decide(const Case& scene, const CloseMember&) {
  Entry draft = DraftOf(scene.command, scene.account, scene.book.now());
  draft.kind = EntryKind::kForfeit;
  if (scene.book.policies().closure == ClosurePolicy::kForfeit) GiveUpAll(scene.book, scene.account, draft);
  scene.account.close_time = draft.recorded_time;
  scene.account.member_changed = true;
  return scene.book.Post(scene.account, std::move(draft));
}

}  // namespace loyalty::points
