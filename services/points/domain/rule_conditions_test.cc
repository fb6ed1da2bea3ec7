#include "services/points/domain/rule_conditions.h"

#include <gtest/gtest.h>

#include "services/points/domain/test_earning.h"

namespace loyalty::points {
namespace {

RuleOutcome Of(const EarnConditions& conditions, const Purchase& purchase, const Known& known = {},
               const absl::TimeZone& zone = absl::UTCTimeZone()) {
  const EarnFacts facts = known.Facts();
  return OutcomeOf(conditions, Deed(purchase, zone, facts));
}

RuleOutcome OfReview(const EarnConditions& conditions, const Known& known = {}) {
  const EarnFacts facts = known.Facts();
  const Activity review = ReviewOf("1");
  return OutcomeOf(conditions, Deed(review, absl::UTCTimeZone(), facts));
}

Purchase At(absl::Time time) {
  Purchase purchase = OrderOf(1000);
  purchase.purchase_time = time;
  return purchase;
}

Purchase At(absl::CivilSecond local, const absl::TimeZone& zone = absl::UTCTimeZone()) {
  return At(absl::FromCivil(local, zone));
}

constexpr RuleOutcome kApplied = RuleOutcome::kApplied;

TEST(RuleConditions, NoneAlwaysHoldForAPurchase) { EXPECT_EQ(Of({}, OrderOf(0)), kApplied); }

TEST(RuleConditions, ARuleIsForPurchasesOrForActivitiesOfItsType) {
  EXPECT_EQ(OfReview({}), RuleOutcome::kOtherDeed);
  EXPECT_EQ(OfReview({.activity_type = "review"}), kApplied);
  EXPECT_EQ(OfReview({.activity_type = "visit"}), RuleOutcome::kOtherDeed);
  EXPECT_EQ(Of({.activity_type = "review"}, OrderOf(1000)), RuleOutcome::kOtherDeed);
}

TEST(RuleConditions, ATimeWindowHoldsFromItsStartUntilBeforeItsEnd) {
  const EarnConditions may = {.start = kFridayNoon, .end = kFridayNoon + absl::Hours(1)};
  EXPECT_EQ(Of(may, At(kFridayNoon)), kApplied);
  EXPECT_EQ(Of(may, At(kFridayNoon - absl::Microseconds(1))), RuleOutcome::kTime);
  EXPECT_EQ(Of(may, At(kFridayNoon + absl::Hours(1) - absl::Microseconds(1))), kApplied);
  EXPECT_EQ(Of(may, At(kFridayNoon + absl::Hours(1))), RuleOutcome::kTime);
}

TEST(RuleConditions, WeekdaysAndHoursAreThoseOfTheProgramsZone) {
  absl::TimeZone tokyo;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Tokyo", &tokyo));
  const Purchase late =
      At(absl::CivilSecond(2026, 5, 1, 22, 30, 0));  // Friday in UTC, Saturday 7:30 in Tokyo
  EXPECT_EQ(Of({.weekdays = {5}}, late), kApplied);
  EXPECT_EQ(Of({.weekdays = {5}}, late, {}, tokyo), RuleOutcome::kWeekdayOrHour);
  EXPECT_EQ(Of({.weekdays = {1, 6}}, late, {}, tokyo), kApplied);
  EXPECT_EQ(Of({.hour_start = 7, .hour_end = 8}, late, {}, tokyo), kApplied);
  EXPECT_EQ(Of({.hour_start = 7, .hour_end = 8}, late), RuleOutcome::kWeekdayOrHour);
  EXPECT_EQ(Of({.weekdays = {7}}, At(absl::CivilSecond(2026, 5, 3))), kApplied) << "Sunday";
  EXPECT_EQ(Of({.weekdays = {1}}, At(absl::CivilSecond(2026, 5, 4))), kApplied) << "Monday";
}

TEST(RuleConditions, HoursMayRunOverMidnight) {
  const auto at = [](int start, int end, int hour, int minute) {
    return Of({.hour_start = start, .hour_end = end}, At(absl::CivilSecond(2026, 5, 1, hour, minute, 0)));
  };
  EXPECT_EQ(at(9, 17, 9, 0), kApplied);
  EXPECT_EQ(at(9, 17, 16, 59), kApplied);
  EXPECT_EQ(at(9, 17, 17, 0), RuleOutcome::kWeekdayOrHour);
  EXPECT_EQ(at(22, 2, 23, 59), kApplied);
  EXPECT_EQ(at(22, 2, 1, 59), kApplied);
  EXPECT_EQ(at(22, 2, 2, 0), RuleOutcome::kWeekdayOrHour);
  EXPECT_EQ(at(8, 8, 3, 0), kApplied) << "all day";
  const EarnConditions friday_night = {.weekdays = {5}, .hour_start = 22, .hour_end = 2};
  EXPECT_EQ(Of(friday_night, At(absl::CivilSecond(2026, 5, 1, 1, 0, 0))), kApplied)
      << "Friday's own first hours";
  EXPECT_EQ(Of(friday_night, At(absl::CivilSecond(2026, 5, 2, 1, 0, 0))), RuleOutcome::kWeekdayOrHour);
}

TEST(RuleConditions, AChannelOrLocationIsOneOfTheList) {
  Purchase order = OrderOf(1000);
  order.channel = "web";
  order.location = "rome";
  EXPECT_EQ(Of({.channels = {"app", "web"}, .locations = {"rome"}}, order), kApplied);
  EXPECT_EQ(Of({.channels = {"app"}}, order), RuleOutcome::kChannel);
  EXPECT_EQ(Of({.locations = {"oslo"}}, order), RuleOutcome::kLocation);
  EXPECT_EQ(Of({.channels = {"web"}}, OrderOf(1000)), RuleOutcome::kChannel) << "none is given";
}

TEST(RuleConditions, LinesCountThatAreIncludedAndNotExcluded) {
  const PurchaseLine tea = {"tea", "drinks", 1, 100}, cup = {"cup", "china", 1, 200};
  const EarnConditions drinks_or_cups = {.skus = {"cup"}, .categories = {"drinks"}};
  EXPECT_TRUE(Counts(drinks_or_cups, tea));
  EXPECT_TRUE(Counts(drinks_or_cups, cup));
  EXPECT_FALSE(Counts(drinks_or_cups, {"pot", "china", 1, 300}));
  const EarnConditions no_china = {.excluded_categories = {"china"}};
  EXPECT_TRUE(Counts(no_china, tea));
  EXPECT_FALSE(Counts(no_china, cup));
  const EarnConditions drinks_but_tea = {.categories = {"drinks"}, .excluded_skus = {"tea"}};
  EXPECT_FALSE(Counts(drinks_but_tea, tea)) << "to be excluded is stronger";
  EXPECT_EQ(Of(drinks_but_tea, OrderOf(300, {tea, cup})), RuleOutcome::kNoLine);
  EXPECT_EQ(Of(no_china, OrderOf(300, {tea, cup})), kApplied);
  EXPECT_EQ(Of(no_china, OrderOf(300)), RuleOutcome::kNoLine) << "an order without lines";
}

TEST(RuleConditions, TheMinimumIsOfTheWholeOrder) {
  const EarnConditions asked = {.skus = {"tea"}, .minimum_order_minor = 3000};
  EXPECT_EQ(Of(asked, OrderOf(3000, {{"tea", "", 1, 100}, {"cup", "", 1, 2900}})), kApplied);
  EXPECT_EQ(Of(asked, OrderOf(2999, {{"tea", "", 1, 2999}})), RuleOutcome::kMinimumOrder);
}

TEST(RuleConditions, ALabelIsTheMembersAtTheDeedsTimeOrTheTiers) {
  Known anna;
  anna.labels = {{"plus", kFridayNoon, kFridayNoon + absl::Hours(1)}};
  EXPECT_EQ(Of({.member_label = "plus"}, At(kFridayNoon), anna), kApplied);
  EXPECT_EQ(Of({.member_label = "plus"}, At(kFridayNoon + absl::Hours(1)), anna), RuleOutcome::kMemberLabel);
  Tier gold;
  gold.id = "gold";
  gold.labels = {"vip"};
  EXPECT_EQ(Of({.member_label = "vip"}, At(kFridayNoon), anna), RuleOutcome::kMemberLabel);
  anna.tier = &gold;
  EXPECT_EQ(Of({.member_label = "vip"}, At(kFridayNoon), anna), kApplied);
}

TEST(RuleConditions, SegmentAndTierAreTheMembers) {
  Known anna;
  anna.profile.segment = "students";
  EXPECT_EQ(Of({.segment = "students"}, OrderOf(1), anna), kApplied);
  EXPECT_EQ(Of({.segment = "staff"}, OrderOf(1), anna), RuleOutcome::kSegment);
  EXPECT_EQ(Of({.tier_ids = {"silver", "gold"}}, OrderOf(1), anna), RuleOutcome::kTier) << "she has none";
  Tier gold;
  gold.id = "gold";
  anna.tier = &gold;
  EXPECT_EQ(Of({.tier_ids = {"silver", "gold"}}, OrderOf(1), anna), kApplied);
  EXPECT_EQ(Of({.tier_ids = {"silver"}}, OrderOf(1), anna), RuleOutcome::kTier);
}

// Of a purchase on `day` by somebody who was born on the birthday.
RuleOutcome Celebrates(Birthday birthday, BirthdayWindow window, absl::CivilDay day) {
  Known anna;
  anna.profile.birthday = birthday;
  return Of({.birthday = window}, At(absl::CivilSecond(day) + 3600), anna);
}

TEST(RuleConditions, ABirthdayIsADayItsWeekOrItsMonth) {
  const absl::CivilDay friday(2026, 5, 1);
  const Birthday sunday = {5, 3};
  EXPECT_EQ(Celebrates(sunday, BirthdayWindow::kDay, friday + 2), kApplied);
  EXPECT_EQ(Celebrates(sunday, BirthdayWindow::kDay, friday), RuleOutcome::kBirthday);
  EXPECT_EQ(Celebrates(sunday, BirthdayWindow::kWeek, friday - 4), kApplied) << "Monday before";
  EXPECT_EQ(Celebrates(sunday, BirthdayWindow::kWeek, friday - 5), RuleOutcome::kBirthday);
  EXPECT_EQ(Celebrates(sunday, BirthdayWindow::kWeek, friday + 3), RuleOutcome::kBirthday) << "Monday after";
  EXPECT_EQ(Celebrates(sunday, BirthdayWindow::kMonth, absl::CivilDay(2026, 5, 31)), kApplied);
  EXPECT_EQ(Celebrates(sunday, BirthdayWindow::kMonth, friday - 1), RuleOutcome::kBirthday);
  for (const auto window : {BirthdayWindow::kDay, BirthdayWindow::kWeek, BirthdayWindow::kMonth}) {
    EXPECT_EQ(Celebrates({}, window, friday), RuleOutcome::kBirthday) << "not known";
  }
  EXPECT_EQ(Celebrates({}, BirthdayWindow::kAny, friday), kApplied);
}

TEST(RuleConditions, ABirthdaysWeekMayBeginInTheYearBefore) {
  EXPECT_EQ(Celebrates({1, 1}, BirthdayWindow::kWeek, absl::CivilDay(2025, 12, 29)), kApplied);
  EXPECT_EQ(Celebrates({12, 31}, BirthdayWindow::kWeek, absl::CivilDay(2026, 1, 4)), kApplied);
  EXPECT_EQ(Celebrates({12, 31}, BirthdayWindow::kWeek, absl::CivilDay(2026, 1, 5)), RuleOutcome::kBirthday);
}

TEST(RuleConditions, The29thOfFebruaryIsThe28thInCommonYears) {
  const Birthday leap = {2, 29};
  EXPECT_EQ(Celebrates(leap, BirthdayWindow::kDay, absl::CivilDay(2026, 2, 28)), kApplied);
  EXPECT_EQ(Celebrates(leap, BirthdayWindow::kDay, absl::CivilDay(2028, 2, 28)), RuleOutcome::kBirthday);
  EXPECT_EQ(Celebrates(leap, BirthdayWindow::kDay, absl::CivilDay(2028, 2, 29)), kApplied);
  EXPECT_EQ(Celebrates(leap, BirthdayWindow::kWeek, absl::CivilDay(2026, 2, 23)), kApplied);
}

TEST(RuleConditions, PurchasesAreCountedWithThisOne) {
  const auto with = [](const EarnConditions& asked, int64_t before) {
    Known anna;
    anna.purchases = before;
    return Of(asked, OrderOf(1), anna);
  };
  EXPECT_EQ(with({.first_purchase = true}, 0), kApplied);
  EXPECT_EQ(with({.first_purchase = true}, 1), RuleOutcome::kNotFirstPurchase);
  EXPECT_EQ(with({.every_nth_purchase = 3}, 2), kApplied);
  EXPECT_EQ(with({.every_nth_purchase = 3}, 5), kApplied);
  EXPECT_EQ(with({.every_nth_purchase = 3}, 3), RuleOutcome::kNotNthPurchase);
  EXPECT_EQ(with({.every_nth_purchase = 1}, 7), kApplied);
}

TEST(RuleConditions, AnOrderHasOneOfTheLabels) {
  Purchase order = OrderOf(1000);
  order.labels = {"gift", "express"};
  EXPECT_EQ(Of({.order_labels = {"express", "wrapped"}}, order), kApplied);
  EXPECT_EQ(Of({.order_labels = {"wrapped"}}, order), RuleOutcome::kOrderLabel);
}

TEST(RuleConditions, AnActivityMeetsNothingThatOnlyOrdersHave) {
  const std::string review = "review";
  EXPECT_EQ(OfReview({.excluded_skus = {"tea"}, .activity_type = review}), RuleOutcome::kNoLine);
  EXPECT_EQ(OfReview({.minimum_order_minor = 1, .activity_type = review}), RuleOutcome::kMinimumOrder);
  EXPECT_EQ(OfReview({.first_purchase = true, .activity_type = review}), RuleOutcome::kNotFirstPurchase);
  EXPECT_EQ(OfReview({.every_nth_purchase = 1, .activity_type = review}), RuleOutcome::kNotNthPurchase);
  EXPECT_EQ(OfReview({.order_labels = {"x"}, .activity_type = review}), RuleOutcome::kOrderLabel);
}

TEST(RuleConditions, TheFirstThatDoesNotHoldIsTold) {
  EarnConditions all = {.start = kFridayNoon + absl::Hours(1), .channels = {"web"}, .segment = "staff"};
  EXPECT_EQ(Of(all, OrderOf(1)), RuleOutcome::kTime);
  all.start = absl::InfinitePast();
  EXPECT_EQ(Of(all, OrderOf(1)), RuleOutcome::kChannel);
  all.channels.clear();
  EXPECT_EQ(Of(all, OrderOf(1)), RuleOutcome::kSegment);
}

}  // namespace
}  // namespace loyalty::points
