// One decision for each kind of command: accepts, and posts its entries, or refuses. A refusal may come after
// entries were posted; the ledger takes them back then.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <vector>

#include "services/points/domain/book.h"
#include "services/points/domain/returns.h"
#include "services/points/domain/shelf.h"

namespace loyalty::points {

// What a member sent is counted with the rules' limits, under a name that no rule can have.
inline constexpr char kTransferUse[] = "transfer:";

// What a decision works on.
struct Case {
  Book& book;
  const Command& command;
  Account& account;                                   // of the command's member, up to date
  Original* original;                                 // what the command corrects; null if it names nothing
  const std::vector<Original*>& spendings;            // of the account, for the order that is given back or
                                                      // paid; for one that is paid, also what holds it
  absl::FunctionRef<Account*(absl::string_view)> of;  // another member's account, up to date; null: none, or
                                                      // the member has left
  // Whose account stands for a member, as it is; null: nobody's that the batch is about.
  absl::FunctionRef<const Account*(absl::string_view)> owner_of;
  absl::FunctionRef<void()> settle;  // brings the account up to date after what the decision posted so far
  Shelf& shelf;
};

// Each returns the command's main entry. Awards of deeds:
absl::StatusOr<Entry> Decide(const Case& scene, const Earn& earn);
absl::StatusOr<Entry> Decide(const Case& scene, const RecordPurchase& record);
absl::StatusOr<Entry> Decide(const Case& scene, const RecordActivity& record);
// Use:
absl::StatusOr<Entry> Decide(const Case& scene, const Spend& spend);
absl::StatusOr<Entry> Decide(const Case& scene, const Adjust& adjust);
absl::StatusOr<Entry> Decide(const Case& scene, const ReservePoints& reserve);
absl::StatusOr<Entry> Decide(const Case& scene, const CapturePoints& capture);
absl::StatusOr<Entry> Decide(const Case& scene, const ReleasePoints& release);
absl::StatusOr<Entry> Decide(const Case& scene, const TransferPoints& transfer);
// Corrections:
absl::StatusOr<Entry> Decide(const Case& scene, const ReverseEntry& reverse);
absl::StatusOr<Entry> Decide(const Case& scene, const RecordReturn& record);
absl::StatusOr<Entry> Decide(const Case& scene, const ConfirmPurchase& confirm);
absl::StatusOr<Entry> Decide(const Case& scene, const CancelPurchase& cancel);
// Rewards:
absl::StatusOr<Entry> Decide(const Case& scene, const RedeemReward& redeem);
absl::StatusOr<Entry> Decide(const Case& scene, const FulfillRedemption& fulfill);
absl::StatusOr<Entry> Decide(const Case& scene, const CancelRedemption& cancel);
// The member:
absl::StatusOr<Entry> Decide(const Case& scene, const SetMemberLabel& set);
absl::StatusOr<Entry> Decide(const Case& scene, const SetTier& set);
absl::StatusOr<Entry> Decide(const Case& scene, const CatchUp& catch_up);
absl::StatusOr<Entry> Decide(const Case& scene, const UpdateProfile& update);
absl::StatusOr<Entry> Decide(const Case& scene, const SetConsent& set);
absl::StatusOr<Entry> Decide(const Case& scene, const CloseMember& close);
absl::StatusOr<Entry> Decide(const Case& scene, const MergeMembers& merge);

// Names the entry that is corrected. Where that stands on an account that was merged into this one, the two
// are told by both numbers.
void Name(const Original& corrected, Entry& draft);

// Points that a spending used come back, the last that it used first, and are given up at once if the member
// has left and the program does not keep them. There is room for them. Returns the entry of their return.
Entry GiveBack(const Case& scene, Original& spending, int64_t points, Entry draft);

// What rules gave counts against their limits, as these were then. `sign` −1: no more.
void CountAwards(Book& book, const RuleLimits& limits, const std::vector<Award>& awards, absl::Time occurred,
                 int sign, Account& account);

}  // namespace loyalty::points
