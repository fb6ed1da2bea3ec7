// For tests: random histories of members who turn out to be one person, with orders, awards, spendings and
// holds and redemptions that are corrected before and after.
#pragma once

#include <absl/strings/str_cat.h>

#include <string>
#include <utility>
#include <vector>

#include "services/points/domain/test_kit.h"

namespace loyalty::points {

// What one of the dice stands for.
struct Throw {
  uint32_t value;
  int Next(int sides) {
    const int side = static_cast<int>(value % static_cast<uint32_t>(sides));
    value /= static_cast<uint32_t>(sides);
    return side;
  }
};

class MergingHistory {
 public:
  static constexpr int kMembers = 4;
  static std::string Member(int i) { return absl::StrCat("m", i); }
  static Command Merge(std::string request, std::string from, std::string into) {
    return CommandFor(std::move(request), std::move(into), MergeMembers{std::move(from)});
  }

  // What every member begins with.
  std::vector<Command> Start() const {
    std::vector<Command> commands;
    for (int i = 0; i < kMembers; ++i)
      commands.push_back(EarnCommand(absl::StrCat("start", i), Member(i), 10));
    return commands;
  }
  Command Next(Throw dice) {
    const std::string member = Member(dice.Next(kMembers)), id = absl::StrCat("r", ++requests_);
    const std::string other = Member(dice.Next(kMembers));
    switch (dice.Next(13)) {
      case 0:
        return BoughtBy(id, member, 100 * (1 + dice.Next(30)));
      case 1:
        return EarnCommand(id, member, 1 + dice.Next(40));
      case 2:
        return SpendOn(id, member, 1 + dice.Next(20), dice.Next(2) == 0 ? "" : AnOrder(dice));
      case 3:
        return CommandFor(id, member, ReservePoints{1 + dice.Next(20), absl::Minutes(1 + dice.Next(50)), ""});
      case 4:
        return CommandFor(id, member, CapturePoints{ARequest(dice), dice.Next(3)});
      case 5:
        return CommandFor(id, member, ReleasePoints{ARequest(dice)});
      case 6:
        return ReturnCommand(id, dice.Next(2) == 0 ? "" : member, AnOrder(dice), id, dice.Next(3) * 150);
      case 7:
        return ReverseCommand(id, member, ARequest(dice), dice.Next(4));
      case 8:
        return CommandFor(id, "", ConfirmPurchase{AnOrder(dice)});
      case 9:
        return CommandFor(id, member, RedeemReward{"mug"});
      case 10:
        return CommandFor(id, member, CancelRedemption{ARequest(dice)});
      default:
        return Merge(id, member, other);
    }
  }
  void Accepted(const Command& command) {
    accepted_.push_back(command.request_id);
    if (const auto* record = std::get_if<RecordPurchase>(&command.action)) {
      orders_.push_back(record->purchase.order_id);
    }
  }
  // Makes one member of all, and undoes all that was accepted.
  std::vector<Command> UndoAll() const {
    std::vector<Command> commands;
    for (int i = 1; i < kMembers; ++i)
      commands.push_back(Merge(absl::StrCat("all", i), Member(i), Member(0)));
    for (const std::string& id : accepted_) {
      commands.push_back(CommandFor("release " + id, Member(0), ReleasePoints{id}));
      commands.push_back(CommandFor("back " + id, Member(0), CancelRedemption{id}));
    }
    for (const std::string& order : orders_) {
      commands.push_back(CommandFor("cancel " + order, "", CancelPurchase{order}));
    }
    for (const std::string& id : accepted_) commands.push_back(ReverseCommand("undo " + id, Member(0), id));
    return commands;
  }

 private:
  static Command BoughtBy(const std::string& id, const std::string& member, int64_t minor) {
    Command command = PurchaseCommand(id, member, "o" + id, minor);
    PurchaseOf(command).purchase_time = kNoon;
    return command;
  }
  static Command SpendOn(const std::string& id, const std::string& member, int64_t points,
                         std::string order) {
    Command command = SpendCommand(id, member, points);
    std::get<Spend>(command.action).order_id = std::move(order);
    return command;
  }
  std::string AnOrder(Throw& dice) const { return OneOf(orders_, dice); }
  std::string ARequest(Throw& dice) const { return OneOf(accepted_, dice); }
  static std::string OneOf(const std::vector<std::string>& ids, Throw& dice) {
    return ids.empty() ? "none" : ids[static_cast<size_t>(dice.Next(static_cast<int>(ids.size())))];
  }

  int requests_ = 0;
  std::vector<std::string> accepted_;  // request ids
  std::vector<std::string> orders_;
};

// A shop in which an order of 3 points and more has some that wait for its confirmation.
inline Program MergingShop() {
  Program program = DollarProgram();
  program.policies.returns = ReturnPolicy::kAllowNegative;
  EarnRule gift = MultiplierRule("gift", "", {});
  gift.effect = FixedPoints{3};
  gift.maturity = {MaturityKind::kConfirmation, 0};
  program.rules = {gift};
  return program;
}

// What can be redeemed there.
inline Reward MergingReward() {
  Reward mug;
  mug.id = mug.display_name = "mug";
  mug.kind = FreeProduct{"mug-1"};
  mug.price_points = 4;
  mug.create_time = mug.update_time = kNoon;
  return mug;
}

}  // namespace loyalty::points
