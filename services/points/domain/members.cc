// Decisions about a member that move no points.
#include <absl/strings/str_cat.h>

#include <memory>

#include "common/status/status.h"
#include "services/points/domain/decisions.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {

absl::StatusOr<Entry> Decide(const Case& scene, const SetMemberLabel& set) {
  MemberLabels labels = LabelsOf(scene.account);
  LOYALTY_RETURN_IF_ERROR(SetLabel(labels, set.label));
  scene.account.labels = std::make_shared<const MemberLabels>(std::move(labels));
  scene.account.labels_changed = true;
  Entry draft = DraftOf(scene.command, scene.account, scene.book.now());
  draft.kind = EntryKind::kLabel;
  draft.label = set.label;
  return scene.book.Post(scene.account, std::move(draft));
}

absl::StatusOr<Entry> Decide(const Case& scene, const SetTier& set) {
  const TierPolicy& policy = scene.book.policies().tiers;
  if (set.override_ && !set.override_->tier_id.empty() &&
      FindTier(policy, set.override_->tier_id) == nullptr) {
    return Refuse(absl::StatusCode::kNotFound, reason::kTierNotFound,
                  absl::StrCat("The program has no tier ", set.override_->tier_id, "."),
                  {{"tier_id", set.override_->tier_id}});
  }
  if (set.override_ && set.override_->until <= scene.book.now()) {
    Violations violations;
    violations.Add("until_time", reason::kTimeOrder, "must lie ahead.");
    return violations.ToStatus();
  }
  const TierScene tiers = scene.book.SceneOf(scene.account);
  Standing& standing = StateOf(scene.account).standing;
  TierChange change{.from_tier_id = standing.tier_id};
  OverrideTier(tiers, set.override_, scene.book.now(), standing);
  scene.account.DueBy(NextTierTime(tiers, standing));
  change.to_tier_id = standing.tier_id;
  if (set.override_) change.override_until = set.override_->until;
  Entry draft = DraftOf(scene.command, scene.account, scene.book.now());
  draft.kind = EntryKind::kTier;
  draft.tier = std::move(change);
  return scene.book.Post(scene.account, std::move(draft));
}

absl::StatusOr<Entry> Decide(const Case&, const CatchUp&) { return Entry{}; }

}  // namespace loyalty::points
