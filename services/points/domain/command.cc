#include "services/points/domain/command.h"

namespace loyalty::points {
namespace {

struct AddAction {
  Fingerprint& out;

  void operator()(const Earn& earn) const { out.Add("Earn").Add(earn.points); }
  void operator()(const Spend& spend) const { out.Add("Spend").Add(spend.points).Add(spend.order_id); }
  void operator()(const Adjust& adjust) const { out.Add("Adjust").Add(adjust.points); }
  void operator()(const RecordPurchase& record) const {
    const Purchase& purchase = record.purchase;
    out.Add("RecordPurchase").Add(purchase.order_id).Add(absl::ToUnixMicros(purchase.purchase_time));
    // Not the currency: left out or named, it can only be the program's.
    out.Add(purchase.total_minor).Add(purchase.channel).Add(purchase.location);
    out.Add(static_cast<int64_t>(purchase.lines.size()));
    for (const PurchaseLine& line : purchase.lines) {
      out.Add(line.sku).Add(line.category).Add(line.quantity).Add(line.amount_minor);
    }
    for (const std::string& label : purchase.labels) out.Add(label);
  }
};

}  // namespace

Digest ContentOf(const Command& command) {
  Fingerprint out;
  std::visit(AddAction{out}, command.action);
  out.Add(command.member_id).Add(command.reason).Add(command.channel).Add(command.location);
  // Who recorded a purchase is no part of what was bought: the till and a later import say the same.
  if (!std::holds_alternative<RecordPurchase>(command.action)) out.Add(command.actor);
  if (command.occurred_time) out.Add(absl::ToUnixMicros(*command.occurred_time));
  return out.Finish();
}

}  // namespace loyalty::points
