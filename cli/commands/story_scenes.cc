#include "cli/commands/story_scenes.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands/statement.h"
#include "cli/text/time_text.h"
#include "loyalty/points/v1/points_service.grpc.pb.h"

namespace loyalty::cli::story {

using points::v1::PointsService;

void Buy(Teller& teller, const Shopping& shopping) {
  auto request = teller.Make<points::v1::RecordPurchaseRequest>("till 2");
  request.set_member_id(kAda);
  auto& purchase = *request.mutable_purchase();
  purchase.set_order_id(shopping.order_id);
  SetTimestamp(teller.now(), *purchase.mutable_purchase_time());
  purchase.set_channel("store");
  purchase.set_location("Trastevere");
  std::vector<std::string> names;
  for (const auto& article : shopping.articles) {
    auto& line = *purchase.add_lines();
    line.set_sku(article.sku);
    line.set_quantity(1);
    line.set_amount_minor(article.cents);
    purchase.set_total_minor(purchase.total_minor() + article.cents);
    names.push_back(article.words);
  }
  const auto entry = teller.Call<PointsService>(&PointsService::Stub::RecordPurchase, request).entry();
  teller.Expect("the points earned", entry.points(), shopping.base_points + shopping.rule_points);
  teller.Expect("the balance", entry.balance_after(), shopping.balance);
  std::string rules = absl::StrCat("by the rule ", entry.rule_id());
  if (shopping.rule_points > 0) {
    teller.Expect("the number of rules", entry.awards_size(), 2);
    teller.Expect("what the base rate gave", entry.awards(0).points(), shopping.base_points);
    teller.Expect("what the plan's rule gave", entry.awards(1).points(), shopping.rule_points);
    rules = absl::StrJoin(entry.awards(), " and ", [](std::string* out, const points::v1::Award& award) {
      absl::StrAppend(out, Thousands(award.points()), " by the rule ", award.rule_id());
    });
  }
  teller.Say(absl::StrCat("Ada buys ", absl::StrJoin(names, " and "), " for ",
                          Money(purchase.total_minor(), teller.program()), ". It earns ",
                          teller.Points(entry.points()), ": ", rules, ". She has ",
                          Thousands(entry.balance_after()), "."));
}

void Receive(Teller& teller, const std::string& member_id, const std::string& name, int64_t points,
             int64_t balance) {
  auto request = teller.Make<points::v1::ListEntriesRequest>();
  request.set_member_id(member_id);
  request.set_page_size(1);
  request.add_kinds(points::v1::ENTRY_KIND_EARN);
  const auto reply = teller.Call<PointsService>(&PointsService::Stub::ListEntries, request);
  teller.Expect("the number of entries", reply.entries_size(), 1);
  const auto& entry = reply.entries(0);
  teller.Expect("the points that arrived", entry.points(), points);
  teller.Expect("the balance", entry.balance_after(), balance);
  teller.Expect("the entry names its cause", !entry.cause().empty());
  teller.Say(absl::StrCat(name, " got ", teller.Points(points), " for \"", entry.reason(), "\" (",
                          entry.cause(), ") and has ", Thousands(entry.balance_after()), "."));
}

}  // namespace loyalty::cli::story
