#include "services/points/storage/earn_rule_json.h"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>

#include "common/postgres/values.h"

namespace loyalty::points {
namespace {

using nlohmann::json;

// The keys of each struct, for both ways: `use(key, member)`. What is stored has them, so they never change.
template <class Use>
void Members(const EarnConditions&, Use use) {
  use("start", &EarnConditions::start);
  use("end", &EarnConditions::end);
  use("weekdays", &EarnConditions::weekdays);
  use("hour_start", &EarnConditions::hour_start);
  use("hour_end", &EarnConditions::hour_end);
  use("channels", &EarnConditions::channels);
  use("locations", &EarnConditions::locations);
  use("skus", &EarnConditions::skus);
  use("categories", &EarnConditions::categories);
  use("excluded_skus", &EarnConditions::excluded_skus);
  use("excluded_categories", &EarnConditions::excluded_categories);
  use("minimum_order_minor", &EarnConditions::minimum_order_minor);
  use("member_label", &EarnConditions::member_label);
  use("segment", &EarnConditions::segment);
  use("tier_ids", &EarnConditions::tier_ids);
  use("birthday", &EarnConditions::birthday);
  use("first_purchase", &EarnConditions::first_purchase);
  use("every_nth_purchase", &EarnConditions::every_nth_purchase);
  use("order_labels", &EarnConditions::order_labels);
  use("activity_type", &EarnConditions::activity_type);
}
template <class Use>
void Members(const Maturity&, Use use) {
  use("kind", &Maturity::kind);
  use("days", &Maturity::days);
}
template <class Use>
void Members(const EarnLimits&, Use use) {
  use("order", &EarnLimits::per_order);
  use("day", &EarnLimits::per_member_day);
  use("week", &EarnLimits::per_member_week);
  use("month", &EarnLimits::per_member_month);
  use("member", &EarnLimits::per_member);
  use("budget", &EarnLimits::budget);
  use("partial", &EarnLimits::partial);
}

template <class Value>
json ToJson(const Value& value) {
  if constexpr (std::is_same_v<Value, absl::Time>) {
    return postgres::FormatTimestamp(value);
  } else {
    return value;
  }
}

template <class Value>
void FromJson(const json& in, Value& out) {
  if constexpr (std::is_same_v<Value, absl::Time>) {
    out = postgres::ParseTimestamp(in.get_ref<const std::string&>());
  } else {
    out = in.get<Value>();
  }
}

template <class Struct>
json Given(const Struct& from) {
  json out = json::object();
  Members(from, [&](const char* key, auto member) {
    if (from.*member != Struct().*member) out[key] = ToJson(from.*member);
  });
  return out;
}

template <class Struct>
Struct Read(const json& in) {
  Struct out;
  Members(out, [&](const char* key, auto member) {
    if (const auto found = in.find(key); found != in.end()) FromJson(*found, out.*member);
  });
  return out;
}

template <class Struct>
std::string TextOf(const Struct& from) {
  return from == Struct() ? "" : Given(from).dump();
}

struct EffectJson {
  json operator()(std::monostate) const { throw std::invalid_argument("a rule without an effect"); }
  json operator()(const Multiplier& factor) const {
    return {{"multiplier", json::array({factor.numerator, factor.denominator})}};
  }
  json operator()(const PointsPerUnit& rate) const {
    return {{"per_unit", json::array({rate.points, rate.per_major_units})}};
  }
  json operator()(const FixedPoints& fixed) const { return {{"fixed", fixed.points}}; }
  json operator()(const PointsPerItem& item) const { return {{"per_item", item.points}}; }
  json operator()(const Donation& gift) const {
    json out = {{"charity", gift.charity_id}};
    if (gift.points != 0) {
      out["points"] = gift.points;
    } else {
      out["share"] = json::array({gift.share_numerator, gift.share_denominator});
    }
    return {{"donation", std::move(out)}};
  }
};

std::pair<int64_t, int64_t> Fraction(const json& in) {
  return {in.at(0).get<int64_t>(), in.at(1).get<int64_t>()};
}

Donation ReadDonation(const json& in) {
  Donation gift;
  gift.charity_id = in.at("charity").get<std::string>();
  if (const auto points = in.find("points"); points != in.end()) {
    gift.points = points->get<int64_t>();
  } else {
    std::tie(gift.share_numerator, gift.share_denominator) = Fraction(in.at("share"));
  }
  return gift;
}

decltype(EarnRule::effect) ReadEffect(const json& in) {
  const std::string& kind = in.begin().key();
  const json& value = *in.begin();
  if (kind == "per_unit") return PointsPerUnit{Fraction(value).first, Fraction(value).second};
  if (kind == "fixed") return FixedPoints{value.get<int64_t>()};
  if (kind == "per_item") return PointsPerItem{value.get<int64_t>()};
  if (kind == "donation") return ReadDonation(value);
  const auto [numerator, denominator] = Fraction(in.at("multiplier"));
  return Multiplier{numerator, denominator};
}

}  // namespace

std::string ConditionsToJson(const EarnConditions& conditions) { return Given(conditions).dump(); }
EarnConditions ConditionsFromJson(absl::string_view text) { return Read<EarnConditions>(json::parse(text)); }

std::string EffectToJson(const EarnRule& rule) { return std::visit(EffectJson(), rule.effect).dump(); }
decltype(EarnRule::effect) EffectFromJson(absl::string_view text) { return ReadEffect(json::parse(text)); }

std::string MaturityToJson(const Maturity& maturity) { return TextOf(maturity); }
Maturity MaturityFromJson(absl::string_view text) {
  return text.empty() ? Maturity() : Read<Maturity>(json::parse(text));
}
std::string LimitsToJson(const EarnLimits& limits) { return TextOf(limits); }
EarnLimits LimitsFromJson(absl::string_view text) {
  return text.empty() ? EarnLimits() : Read<EarnLimits>(json::parse(text));
}

RuleLimits RuleLimitsFromJson(absl::string_view text) {
  RuleLimits limits;
  const json all = json::parse(text);
  for (const auto& [rule_id, in] : all.items()) limits.emplace(rule_id, Read<EarnLimits>(in));
  return limits;
}

std::vector<EarnRule> RulesFromJson(absl::string_view text) {
  std::vector<EarnRule> rules;
  const json nothing = json::object();
  for (const json& in : json::parse(text)) {
    const auto part = [&](const char* key) -> const json& { return in.contains(key) ? in.at(key) : nothing; };
    EarnRule& rule = rules.emplace_back();
    rule.id = in.at("rule_id").get<std::string>();
    rule.version = in.at("version").get<int32_t>();
    rule.conditions = Read<EarnConditions>(in.at("conditions"));
    rule.effect = ReadEffect(in.at("effect"));
    rule.maturity = Read<Maturity>(part("maturity"));
    rule.limits = Read<EarnLimits>(part("limits"));
    rule.group = in.value("group", "");
    rule.priority = in.value("priority", 0);
  }
  return rules;
}

}  // namespace loyalty::points
