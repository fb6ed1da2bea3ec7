#include "services/points/service/convert_rule.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

namespace loyalty::points {
namespace {

using ::testing::IsEmpty;

v1::EarnRule Parse(const std::string& text) {
  v1::EarnRule rule;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &rule)) << text;
  return rule;
}

std::string FaultsOf(const EarnRule& rule) {
  Violations violations;
  ValidateRule(rule, violations);
  return std::string(violations.ToStatus().message());
}

const char kPlain[] = "program_id: 'shop' rule_id: 'r' display_name: 'R' version: 1 create_time {} ";

// What is sent is valid, and comes back as it was.
void ExpectKept(const std::string& text) {
  const v1::EarnRule sent = Parse(kPlain + text);
  EarnRule rule = ToRule(sent);
  rule.create_time = absl::UnixEpoch();
  EXPECT_THAT(FaultsOf(rule), IsEmpty());
  const v1::EarnRule back = ToProto(rule, "shop");
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(sent, back)) << back.DebugString();
}

TEST(ConvertRule, KeepsEveryEffect) {
  ExpectKept("effect { multiplier { numerator: 3 denominator: 2 } }");
  ExpectKept("effect { points_per_unit { points: 3 per_major_units: 20 } }");
  ExpectKept("effect { fixed_points { points: 5 } }");
  ExpectKept("effect { points_per_item { points: 5 } }");
  ExpectKept("effect { donation { charity_id: 'sea' points: 5 } }");
  ExpectKept("effect { donation { charity_id: 'sea' share { numerator: 1 denominator: 10 } } }");
}

TEST(ConvertRule, KeepsAllThatARuleSays) {
  ExpectKept(R"(
      effect { fixed_points { points: 5 } }
      conditions {
        member_label: 'plus' start_time { seconds: 100 nanos: 5000 } end_time { seconds: 200 }
        weekdays: WEEKDAY_FRIDAY weekdays: WEEKDAY_SUNDAY hours { start_hour: 22 end_hour: 2 }
        channels: 'web' channels: 'app' locations: 'rome'
        lines { skus: 'a' categories: 'b' excluded_skus: 'c' excluded_categories: 'd' }
        minimum_order_minor: 3000 segment: 'staff' tier_ids: 'gold' birthday: BIRTHDAY_WINDOW_WEEK
        first_purchase: true every_nth_purchase: 5 order_labels: 'gift'
      }
      maturity { kind: MATURITY_KIND_DAYS days: 14 }
      limits {
        points_per_order: 1 points_per_member_day: 2 points_per_member_week: 3 points_per_member_month: 4
        points_per_member: 5 budget_points: 6 partial: true
      }
      group: 'spring' priority: 3)");
  ExpectKept("effect { fixed_points { points: 5 } } conditions { activity_type: 'review' }");
  ExpectKept("effect { fixed_points { points: 5 } } maturity { kind: MATURITY_KIND_CONFIRMATION }");
}

TEST(ConvertRule, TellsVersionsAndTimes) {
  EarnRule rule = ToRule(Parse("rule_id: 'r' version: 9"));
  EXPECT_EQ(rule.version, 1) << "output only";
  rule.version = 2;
  rule.create_time = absl::FromUnixSeconds(1);
  rule.replace_time = absl::FromUnixSeconds(2);
  const v1::EarnRule out = ToProto(rule, "shop");
  EXPECT_EQ(out.version(), 2);
  EXPECT_EQ(out.create_time().seconds(), 1);
  EXPECT_EQ(out.replace_time().seconds(), 2);
  EXPECT_FALSE(out.has_archive_time() || out.has_maturity() || out.has_limits() || out.has_conditions());
}

TEST(ConvertRule, ValuesThatAreNoneAreRefused) {
  const std::string effect = "rule_id: 'r' display_name: 'R' effect { fixed_points { points: 5 } } ";
  for (const std::string part :
       {"conditions { start_time { nanos: -1 } }", "conditions { end_time { nanos: -1 } }",
        "conditions { weekdays: WEEKDAY_UNSPECIFIED }", "conditions { hours {} }", "maturity { days: 3 }"}) {
    EXPECT_NE(FaultsOf(ToRule(Parse(effect + part))), "") << part;
  }
  v1::EarnRule unknown = Parse(effect);
  unknown.mutable_conditions()->set_birthday(static_cast<v1::BirthdayWindow>(9));
  EXPECT_NE(FaultsOf(ToRule(unknown)), "");
  unknown = Parse(effect);
  unknown.mutable_maturity()->set_kind(static_cast<v1::MaturityKind>(9));
  EXPECT_NE(FaultsOf(ToRule(unknown)), "");
}

}  // namespace
}  // namespace loyalty::points
