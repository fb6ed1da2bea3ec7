#include "services/points/domain/shelf.h"

namespace loyalty::points {

void Shelf::Add(Reward reward) {
  std::string id = reward.id;
  rewards_.try_emplace(std::move(id), std::move(reward));
}

void Shelf::AddCode(const std::string& reward_id, RewardCode code) {
  free_[reward_id].insert(std::move(code));
}

void Shelf::AddRedemption(const Place& place, Redemption redemption) {
  redemptions_.try_emplace(place, std::move(redemption));
}

const Reward* Shelf::Find(const std::string& reward_id) const {
  const auto found = rewards_.find(reward_id);
  return found == rewards_.end() ? nullptr : &found->second;
}

Redemption* Shelf::FindRedemption(const Place& place) {
  const auto found = redemptions_.find(place);
  return found == redemptions_.end() ? nullptr : &found->second;
}

const Redemption* Shelf::FindRedemption(const Place& place) const {
  const auto found = redemptions_.find(place);
  return found == redemptions_.end() ? nullptr : &found->second;
}

const RewardCode* Shelf::NextCode(const std::string& reward_id) const {
  const auto codes = free_.find(reward_id);
  return codes == free_.end() || codes->second.empty() ? nullptr : &*codes->second.begin();
}

void Shelf::Redeem(const Place& place, Redemption redemption) {
  if (redemption.code_number != 0) {
    free_[redemption.reward_id].erase({redemption.code_number, redemption.code});
  } else if (!redemption.code.empty()) {
    taken_.insert(redemption.code);
  }
  redemptions_.insert_or_assign(place, std::move(redemption));
}

void Shelf::Cancel(Redemption& redemption) {
  redemption.state = RedemptionState::kCancelled;
  if (redemption.code_number != 0) {
    free_[redemption.reward_id].insert({redemption.code_number, redemption.code});
  }
  // A generated code stays taken: somebody has seen it, and it must not become good again for another.
}

Shelf::Place PlaceOfRedemption(int64_t account_id, const Entry& entry) {
  if (entry.kind == EntryKind::kRedemption) return {account_id, entry.sequence};
  return {entry.corrected_account == 0 ? account_id : entry.corrected_account, entry.corrected_sequence};
}

}  // namespace loyalty::points
