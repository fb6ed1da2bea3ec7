#include "services/points/domain/celebrations.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/calendar/calendar.h"

namespace loyalty::points {
namespace {

// A day of a year; 29 February is 28 in common years.
absl::CivilDay DayIn(int64_t year, int month, int day) {
  const absl::CivilDay first(year, month, 1);
  return first + (std::min(day, LastDayOfMonth(first).day()) - 1);
}

// A day that a member celebrates every year.
struct Feast {
  int month = 0;  // 0: none
  int day = 0;
  int64_t points = 0;  // 0: the program does not celebrate it

  bool held() const { return month != 0 && points > 0; }
  // The last year in which it had begun at that time.
  int32_t LastYear(absl::CivilDay today) const {
    return static_cast<int32_t>(today.year() - (DayIn(today.year(), month, day) <= today ? 0 : 1));
  }
};

Feast BirthdayOf(const Book& book, const Account& account) {
  const Birthday& birthday = ProfileOf(account).birthday;
  return {birthday.month, birthday.day, book.policies().celebrations.birthday_points};
}

Feast AnniversaryOf(const Book& book, const Account& account) {
  if (account.enroll_time == absl::InfinitePast()) return {};
  const absl::CivilDay day = book.LocalDayOf(account.enroll_time);
  return {day.month(), day.day(), book.policies().celebrations.anniversary_points};
}

absl::Time NextTime(const Book& book, const Account& account, const Feast& feast, int32_t last_year) {
  if (!feast.held() || last_year <= 0 || account.IsClosed()) return absl::InfiniteFuture();
  return StartOfDay(DayIn(last_year + 1, feast.month, feast.day), book.program().zone);
}

absl::Time NextBirthday(const Book& book, const Account& account) {
  return NextTime(book, account, BirthdayOf(book, account), StateOf(account).celebrated.birthday_year);
}

absl::Time NextAnniversary(const Book& book, const Account& account) {
  return NextTime(book, account, AnniversaryOf(book, account), StateOf(account).celebrated.anniversary_year);
}

void Keep(const Celebrated& celebrated, Account& account) {
  if (celebrated != StateOf(std::as_const(account)).celebrated) StateOf(account).celebrated = celebrated;
}

}  // namespace

absl::Time NextCelebration(const Book& book, const Account& account) {
  if (!account.state) return absl::InfiniteFuture();
  return std::min(NextBirthday(book, account), NextAnniversary(book, account));
}

void StartCelebrations(const Book& book, Account& account) {
  const absl::CivilDay day =
      book.LocalDayOf(std::max(book.program().celebrations_changed, account.enroll_time));
  Celebrated celebrated = StateOf(std::as_const(account)).celebrated;
  const auto start = [day](const Feast& feast, int32_t& year) {
    if (feast.points == 0) year = -std::abs(year);
    if (feast.held() && year <= 0) year = std::max(-year, feast.LastYear(day));
  };
  start(BirthdayOf(book, account), celebrated.birthday_year);
  start(AnniversaryOf(book, account), celebrated.anniversary_year);
  Keep(celebrated, account);
}

void ChangeBirthday(const Book& book, Account& account) {
  const Feast birthday = BirthdayOf(book, account);
  if (!birthday.held()) return;
  Celebrated celebrated = StateOf(std::as_const(account)).celebrated;
  celebrated.birthday_year =
      std::max(std::abs(celebrated.birthday_year), birthday.LastYear(book.LocalDayOf(book.now())));
  Keep(celebrated, account);
  account.DueBy(NextBirthday(book, account));
}

void Celebrate(Book& book, absl::Time time, Account& account) {
  const bool is_birthday = NextBirthday(book, account) == time;
  const int64_t points = (is_birthday ? BirthdayOf(book, account) : AnniversaryOf(book, account)).points;
  Celebrated& celebrated = StateOf(account).celebrated;
  ++(is_birthday ? celebrated.birthday_year : celebrated.anniversary_year);
  if (!CheckRoom(account, points).ok()) return;
  Entry draft;
  draft.kind = EntryKind::kEarn;
  draft.occurred_time = time;
  draft.reason = is_birthday ? "birthday" : "anniversary";
  book.Credit(account, {.points = points, .earned_time = time, .expire_time = book.ExpiryOf(time)}, draft);
  const Entry main = book.Post(account, std::move(draft));
  if (book.policies().tiers.tiers.empty()) return;
  // As of that time, not of now: what is due in between comes after it.
  Standing& standing = StateOf(account).standing;
  const std::string before = standing.tier_id;
  AddProgress(book.SceneOf(account), {.points = points}, time, time, standing);
  Entry change = FurtherDraftOf(main);
  change.kind = EntryKind::kTier;
  PostTierChange(book, account, before, std::move(change));
}

}  // namespace loyalty::points
