// Points on members' birthdays and on the anniversaries of their enrolment, once a local year each.
//
//   20 points on birthdays; Anna's is 29 February. 2027: on 28 February, local midnight; 2028: on 29.
//
// Only days that begin after the program celebrates, the member has enrolled and the birthday is known: who
// tells it on the very day is celebrated the next year.
#pragma once

#include <absl/time/time.h>

#include "services/points/domain/book.h"

namespace loyalty::points {

// When something is due next; the infinite future: nothing.
absl::Time NextCelebration(const Book& book, const Account& account);

// Begins to celebrate what is not celebrated yet, since the program does; and ends what it does not.
void StartCelebrations(const Book& book, Account& account);

// The birthday has become known, or is another one: it is celebrated from now on; if one was celebrated this
// year, or had passed, from the next year on.
void ChangeBirthday(const Book& book, Account& account);

// Posts what is due at that time, and was not posted before: one award.
void Celebrate(Book& book, absl::Time time, Account& account);

}  // namespace loyalty::points
