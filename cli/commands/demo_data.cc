#include "cli/commands/demo_data.h"

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/text/amount.h"

namespace loyalty::cli {
namespace {

struct Article {
  absl::string_view sku;
  absl::string_view category;
  int cents;
};

constexpr std::array<Article, 10> kArticles = {{{"espresso", "coffee", 280},
                                                {"cappuccino", "coffee", 420},
                                                {"flat-white", "coffee", 450},
                                                {"filter-coffee", "coffee", 350},
                                                {"croissant", "bakery", 320},
                                                {"cinnamon-roll", "bakery", 440},
                                                {"banana-bread", "bakery", 475},
                                                {"chai", "tea", 410},
                                                {"beans-250g", "beans", 1290},
                                                {"travel-mug", "ware", 2450}}};
constexpr std::array<absl::string_view, 3> kShops = {"Trastevere", "Testaccio", "Monti"};
constexpr int kMembers = 400;
constexpr int kYearSeconds = 365 * 24 * 3600;

struct Order {
  absl::Time time;
  std::string record;
};

Order MakeOrder(int number, absl::Time end) {
  std::mt19937 random(static_cast<uint32_t>(number));
  random.discard(10);  // neighbouring seeds begin alike
  const auto pick = [&random](int count) {
    return static_cast<int>(random() % static_cast<uint32_t>(count));
  };
  // The lesser of two picks: a few members come often, and cheap articles sell more.
  const int member = std::min(pick(kMembers), pick(kMembers)) + 1;
  const Article& article = kArticles[std::min(pick(kArticles.size()), pick(kArticles.size()))];
  const int quantity = pick(4) == 0 ? 2 : 1;
  const bool app = pick(5) == 0;
  const absl::Time time = end - absl::Seconds(1 + pick(kYearSeconds));
  return {time,
          absl::StrFormat("demo-%06d,guest-%03d,%s,%s,%d,%s,%s,%s,%s\n", number, member,
                          absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()),
                          FormatAmount(static_cast<int64_t>(quantity) * article.cents, 2), quantity,
                          article.sku, article.category, app ? "app" : "store", kShops[pick(kShops.size())])};
}

}  // namespace

std::string DemoPurchases(int rows, absl::Time end) {
  std::vector<Order> orders;
  orders.reserve(rows);
  for (int number = 1; number <= rows; ++number) orders.push_back(MakeOrder(number, end));
  std::stable_sort(orders.begin(), orders.end(), [](auto& a, auto& b) { return a.time < b.time; });
  std::string csv = "order_id,member_id,time,amount,quantity,sku,category,channel,location\n";
  for (const auto& order : orders) absl::StrAppend(&csv, order.record);
  return csv;
}

}  // namespace loyalty::cli
