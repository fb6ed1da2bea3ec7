// When the points of an account lapse, if nothing is earned or spent any more.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <map>

#include "services/points/domain/account.h"

namespace loyalty::points {

// How many, by the time: of an account that is up to date, and all of whose lots, pending points and holds
// are there. What is pending lapses when it matures at the earliest, what is held when the hold ends.
// `inactive`: when inactivity lets lapse all that can be spent then; the infinite future: never. What never
// lapses is not in it.
std::map<absl::Time, int64_t> LapsesOf(const Account& account, absl::Time inactive);

}  // namespace loyalty::points
