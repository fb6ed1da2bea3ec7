#include "services/points/service/convert_rule.h"

#include "common/rpc/time.h"

namespace loyalty::points {
namespace {

using Texts = google::protobuf::RepeatedPtrField<std::string>;

std::vector<std::string> ToTexts(const Texts& in) { return {in.begin(), in.end()}; }
void Fill(Texts& out, const std::vector<std::string>& texts) { out.Assign(texts.begin(), texts.end()); }

EarnConditions ToConditions(const v1::EarnRuleConditions& in) {
  EarnConditions out;
  if (in.has_start_time()) out.start = rpc::ToTime(in.start_time());
  if (in.has_end_time()) {
    out.end = rpc::ToTime(in.end_time());
    // What is no time would be no end, and so be accepted.
    if (out.end == absl::InfiniteFuture()) out.end = absl::InfinitePast();
  }
  for (const int weekday : in.weekdays()) out.weekdays.push_back(weekday);
  if (in.has_hours()) {
    out.hour_start = in.hours().start_hour();
    out.hour_end = in.hours().end_hour();
  }
  out.channels = ToTexts(in.channels());
  out.locations = ToTexts(in.locations());
  out.skus = ToTexts(in.lines().skus());
  out.categories = ToTexts(in.lines().categories());
  out.excluded_skus = ToTexts(in.lines().excluded_skus());
  out.excluded_categories = ToTexts(in.lines().excluded_categories());
  out.minimum_order_minor = in.minimum_order_minor();
  out.member_label = in.member_label();
  out.segment = in.segment();
  out.tier_ids = ToTexts(in.tier_ids());
  out.birthday = static_cast<BirthdayWindow>(in.birthday());
  out.first_purchase = in.first_purchase();
  out.every_nth_purchase = in.every_nth_purchase();
  out.order_labels = ToTexts(in.order_labels());
  out.activity_type = in.activity_type();
  return out;
}

void FillWhen(v1::EarnRuleConditions& out, const EarnConditions& asked) {
  if (asked.start != absl::InfinitePast()) *out.mutable_start_time() = rpc::ToProto(asked.start);
  if (asked.end != absl::InfiniteFuture()) *out.mutable_end_time() = rpc::ToProto(asked.end);
  for (const int32_t weekday : asked.weekdays) out.add_weekdays(static_cast<v1::Weekday>(weekday));
  if (asked.hour_start != EarnConditions().hour_start || asked.hour_end != EarnConditions().hour_end) {
    out.mutable_hours()->set_start_hour(asked.hour_start);
    out.mutable_hours()->set_end_hour(asked.hour_end);
  }
}

void FillLines(v1::EarnRuleConditions& out, const EarnConditions& asked) {
  const bool all = asked.skus.empty() && asked.categories.empty() && asked.excluded_skus.empty() &&
                   asked.excluded_categories.empty();
  if (all) return;
  v1::LineFilter& lines = *out.mutable_lines();
  Fill(*lines.mutable_skus(), asked.skus);
  Fill(*lines.mutable_categories(), asked.categories);
  Fill(*lines.mutable_excluded_skus(), asked.excluded_skus);
  Fill(*lines.mutable_excluded_categories(), asked.excluded_categories);
}

void Fill(v1::EarnRuleConditions& out, const EarnConditions& asked) {
  FillWhen(out, asked);
  Fill(*out.mutable_channels(), asked.channels);
  Fill(*out.mutable_locations(), asked.locations);
  FillLines(out, asked);
  out.set_minimum_order_minor(asked.minimum_order_minor);
  out.set_member_label(asked.member_label);
  out.set_segment(asked.segment);
  Fill(*out.mutable_tier_ids(), asked.tier_ids);
  out.set_birthday(static_cast<v1::BirthdayWindow>(asked.birthday));
  out.set_first_purchase(asked.first_purchase);
  out.set_every_nth_purchase(asked.every_nth_purchase);
  Fill(*out.mutable_order_labels(), asked.order_labels);
  out.set_activity_type(asked.activity_type);
}

Donation ToDonation(const v1::Donation& in) {
  Donation gift;
  gift.charity_id = in.charity_id();
  gift.points = in.points();
  if (in.has_share()) {
    gift.share_numerator = in.share().numerator();
    gift.share_denominator = in.share().denominator();
  }
  return gift;
}

decltype(EarnRule::effect) ToEffect(const v1::EarnRuleEffect& in) {
  switch (in.effect_case()) {
    case v1::EarnRuleEffect::kMultiplier:
      return Multiplier{in.multiplier().numerator(), in.multiplier().denominator()};
    case v1::EarnRuleEffect::kPointsPerUnit:
      return PointsPerUnit{in.points_per_unit().points(), in.points_per_unit().per_major_units()};
    case v1::EarnRuleEffect::kFixedPoints:
      return FixedPoints{in.fixed_points().points()};
    case v1::EarnRuleEffect::kPointsPerItem:
      return PointsPerItem{in.points_per_item().points()};
    case v1::EarnRuleEffect::kDonation:
      return ToDonation(in.donation());
    case v1::EarnRuleEffect::EFFECT_NOT_SET:
      break;
  }
  return {};
}

struct FillEffect {
  v1::EarnRuleEffect& out;

  void operator()(std::monostate) const {}
  void operator()(const Multiplier& factor) const {
    out.mutable_multiplier()->set_numerator(factor.numerator);
    out.mutable_multiplier()->set_denominator(factor.denominator);
  }
  void operator()(const PointsPerUnit& rate) const {
    out.mutable_points_per_unit()->set_points(rate.points);
    out.mutable_points_per_unit()->set_per_major_units(rate.per_major_units);
  }
  void operator()(const FixedPoints& fixed) const { out.mutable_fixed_points()->set_points(fixed.points); }
  void operator()(const PointsPerItem& item) const { out.mutable_points_per_item()->set_points(item.points); }
  void operator()(const Donation& gift) const {
    v1::Donation& donation = *out.mutable_donation();
    donation.set_charity_id(gift.charity_id);
    if (gift.points != 0) {
      donation.set_points(gift.points);
    } else {
      donation.mutable_share()->set_numerator(gift.share_numerator);
      donation.mutable_share()->set_denominator(gift.share_denominator);
    }
  }
};

EarnLimits ToLimits(const v1::EarnRuleLimits& in) {
  return {.per_order = in.points_per_order(),
          .per_member_day = in.points_per_member_day(),
          .per_member_week = in.points_per_member_week(),
          .per_member_month = in.points_per_member_month(),
          .per_member = in.points_per_member(),
          .budget = in.budget_points(),
          .partial = in.partial()};
}

void Fill(v1::EarnRuleLimits& out, const EarnLimits& limits) {
  out.set_points_per_order(limits.per_order);
  out.set_points_per_member_day(limits.per_member_day);
  out.set_points_per_member_week(limits.per_member_week);
  out.set_points_per_member_month(limits.per_member_month);
  out.set_points_per_member(limits.per_member);
  out.set_budget_points(limits.budget);
  out.set_partial(limits.partial);
}

}  // namespace

EarnRule ToRule(const v1::EarnRule& in) {
  EarnRule rule;
  rule.id = in.rule_id();
  rule.display_name = in.display_name();
  rule.conditions = ToConditions(in.conditions());
  rule.effect = ToEffect(in.effect());
  rule.maturity = {static_cast<MaturityKind>(in.maturity().kind()), in.maturity().days()};
  rule.limits = ToLimits(in.limits());
  rule.group = in.group();
  rule.priority = in.priority();
  return rule;
}

v1::EarnRule ToProto(const EarnRule& rule, const std::string& program_id) {
  v1::EarnRule out;
  out.set_program_id(program_id);
  out.set_rule_id(rule.id);
  out.set_display_name(rule.display_name);
  if (rule.conditions != EarnConditions()) Fill(*out.mutable_conditions(), rule.conditions);
  std::visit(FillEffect{*out.mutable_effect()}, rule.effect);
  *out.mutable_create_time() = rpc::ToProto(rule.create_time);
  if (rule.archive_time) *out.mutable_archive_time() = rpc::ToProto(*rule.archive_time);
  out.set_version(rule.version);
  if (rule.maturity != Maturity()) {
    out.mutable_maturity()->set_kind(static_cast<v1::MaturityKind>(rule.maturity.kind));
    out.mutable_maturity()->set_days(rule.maturity.days);
  }
  if (rule.limits != EarnLimits()) Fill(*out.mutable_limits(), rule.limits);
  out.set_group(rule.group);
  out.set_priority(rule.priority);
  if (rule.replace_time) *out.mutable_replace_time() = rpc::ToProto(*rule.replace_time);
  return out;
}

}  // namespace loyalty::points
