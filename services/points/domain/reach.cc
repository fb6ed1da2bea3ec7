#include "services/points/domain/reach.h"

#include <algorithm>

#include "services/points/domain/book.h"
#include "services/points/domain/reward.h"

namespace loyalty::points {

bool Enrolls(const Command& command) {
  return IsAny<Earn, RecordPurchase, RecordActivity, SetMemberLabel>(command);
}

bool IsDeed(const Command& command) { return IsAny<RecordPurchase, RecordActivity>(command); }

bool IsAboutRewards(const Command& command) {
  return IsAny<RedeemReward, FulfillRedemption, CancelRedemption>(command);
}

bool IsForThoseWhoLeft(const Command& command) {
  return IsAny<RecordReturn, CancelPurchase, FulfillRedemption, CancelRedemption>(command);
}

bool RefusesEarly(const Command& command) {
  return IsAny<Earn, Spend, Adjust, RecordPurchase, RecordActivity, SetMemberLabel, CatchUp>(command) ||
         IsAboutRewards(command);
}

bool Corrects(const Command& command) {
  return CorrectedOrder(command) != nullptr || CorrectedRequest(command) != nullptr;
}

bool StandsLast(const Command& command) { return IsAny<MergeMembers>(command); }

bool NeedsStored(const Command& command) {
  return Corrects(command) || IsAboutRewards(command) ||
         IsAny<TransferPoints, CatchUp, UpdateProfile, SetConsent, CloseMember, MergeMembers>(command);
}

const std::string* OtherMemberOf(const Command& command) {
  if (const auto* transfer = std::get_if<TransferPoints>(&command.action)) return &transfer->to_member_id;
  if (const auto* merge = std::get_if<MergeMembers>(&command.action)) return &merge->from_member_id;
  return nullptr;
}

std::vector<absl::string_view> MembersOf(const Program& program, const Command& command) {
  std::vector<absl::string_view> members;
  if (!command.member_id.empty()) members.push_back(command.member_id);
  if (const std::string* other = OtherMemberOf(command)) members.push_back(*other);
  if (!IsDeed(command)) return members;
  for (const EarnRule& rule : program.rules) {
    if (const auto* donation = std::get_if<Donation>(&rule.effect)) members.push_back(donation->charity_id);
  }
  return members;
}

std::vector<std::string> CountersOf(const Program& program, std::span<const Command> commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) {
    const auto* redeem = std::get_if<RedeemReward>(&command.action);
    if (redeem != nullptr) names.push_back(StockCounter(redeem->reward_id));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (std::none_of(commands.begin(), commands.end(), IsDeed)) return names;
  for (const EarnRule& rule : program.rules) {
    if (rule.limits.budget > 0) names.push_back(BudgetCounter(rule.id));
  }
  return names;
}

const std::string* CorrectedOrder(const Command& command) {
  if (const auto* record = std::get_if<RecordReturn>(&command.action)) return &record->order_id;
  if (const auto* confirm = std::get_if<ConfirmPurchase>(&command.action)) return &confirm->order_id;
  if (const auto* cancel = std::get_if<CancelPurchase>(&command.action)) return &cancel->order_id;
  return nullptr;
}

const std::string* PaidOrder(const Program& program, const Command& command) {
  if (program.policies.spending.worth_minor == 0) return nullptr;
  const auto paid = [](const auto* use) {
    return use != nullptr && use->order_total_minor > 0 && !use->order_id.empty() ? &use->order_id : nullptr;
  };
  if (const std::string* order = paid(std::get_if<Spend>(&command.action))) return order;
  return paid(std::get_if<ReservePoints>(&command.action));
}

const std::string* CorrectedRequest(const Command& command) {
  if (const auto* reverse = std::get_if<ReverseEntry>(&command.action)) return &reverse->reversed_request_id;
  if (const auto* capture = std::get_if<CapturePoints>(&command.action)) return &capture->hold_request_id;
  if (const auto* release = std::get_if<ReleasePoints>(&command.action)) return &release->hold_request_id;
  if (const auto* fulfill = std::get_if<FulfillRedemption>(&command.action)) {
    return &fulfill->redemption_request_id;
  }
  if (const auto* cancel = std::get_if<CancelRedemption>(&command.action)) {
    return &cancel->redemption_request_id;
  }
  return nullptr;
}

}  // namespace loyalty::points
